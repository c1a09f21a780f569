namespace System.Runtime.CompilerServices;

/// <summary>Lets the compiler emit init-only setters on netstandard2.1.</summary>
internal static class IsExternalInit;
