using System.Net;

namespace GameServer.Netcode.Transport;

/// <summary>Why a socket could not be opened.</summary>
public enum SocketOpenError
{
    /// <summary>Something that has no name here; the message holds the system's.</summary>
    Other = 0,

    /// <summary>Another socket has the port.</summary>
    AddressInUse = 1,

    /// <summary>The system does not let this user have the port.</summary>
    PermissionDenied = 2,

    /// <summary>This machine does not have the address.</summary>
    AddressNotAvailable = 3,

    /// <summary>This machine has no such address family or option.</summary>
    NotSupported = 4,
}

/// <summary>A socket could not be opened; the only exception that a socket throws.</summary>
#pragma warning disable CA1032 // It always says which address and why.
public sealed class SocketOpenException : Exception
{
    /// <summary>An error at <paramref name="bind"/>, told as one line.</summary>
    public SocketOpenException(SocketOpenError error, IPEndPoint bind, string reason)
        : base($"cannot open UDP {bind}: {reason}")
    {
        Error = error;
        Bind = bind;
    }

    /// <summary>The kind of error.</summary>
    public SocketOpenError Error { get; }

    /// <summary>The address that was wanted.</summary>
    public IPEndPoint Bind { get; }

    /// <summary>True when the same start may succeed later or elsewhere.</summary>
    public bool IsTemporary => Error is SocketOpenError.AddressInUse or SocketOpenError.AddressNotAvailable;
}
