using System.Reflection;
using System.Text.RegularExpressions;
using GameServer.Netcode.Primitives;

namespace GameServer.Tests.Source;

/// <summary>Who may use whom. A folder of the library uses only those before it in the table.</summary>
public partial class LayerTests
{
    private const string Library = "GameServer.Netcode";

    /// <summary>The order of docs and folders: each may use the ones before it and nothing else of the library.</summary>
    private static readonly string[] Layers =
        ["Primitives", "Transport", "Security", "Messages", "Game", "Inputs", "Snapshots", "Rewind", "Server", "Client"];

    /// <summary>Folders of the host that may not reach everything: the sample game sees what any game sees.</summary>
    private static readonly Dictionary<string, string[]> HostFolders = new()
    {
        ["Arena"] = ["GameServer.Netcode.Game", "GameServer.Netcode.Primitives", "GameServer.Arena"],
    };

    [Test]
    public void Library_Folders_AreTheLayersAndNothingElse()
    {
        IEnumerable<string> folders = SourceTree.CSharpFiles.Where(IsLibrary).Select(FolderOf).Distinct();
        Assert.That(folders.Except([.. Layers, "Compat"]), Is.Empty);
    }

    [Test]
    public void Library_References_GoOnlyToEarlierLayers()
    {
        var wrong = new List<string>();
        foreach (string file in SourceTree.CSharpFiles.Where(IsLibrary))
        {
            string code = CSharpText.WithoutCommentsAndLiterals(SourceTree.Read(file));
            wrong.AddRange(LibraryReference().Matches(code)
                .Select(match => match.Groups[1].Value)
                .Where(used => !MayUse(FolderOf(file), used))
                .Select(used => $"{file} uses {used}"));
        }

        Assert.That(wrong, Is.Empty);
    }

    /// <summary>What the source check cannot see, as names qualified by half: the types that the compiled code holds, takes and returns.</summary>
    [Test]
    public void Library_CompiledTypes_HoldAndTakeOnlyEarlierLayers()
    {
        var wrong = new List<string>();
        foreach (Type type in typeof(Tick).Assembly.GetTypes().Where(type => LayerOf(type) != null))
        {
            wrong.AddRange(TypesIn(type)
                .SelectMany(Parts)
                .Select(LayerOf)
                .Where(used => used != null && !MayUse(LayerOf(type)!, used))
                .Select(used => $"{type} uses {used}")
                .Distinct());
        }

        Assert.That(wrong, Is.Empty);
    }

    [Test]
    public void Namespaces_OfAllFiles_AreTheirFolders()
    {
        var wrong = new List<string>();
        foreach (string file in SourceTree.CSharpFiles.Where(file => !file.Contains("/Compat/", StringComparison.Ordinal)))
        {
            Match declared = NamespaceDeclaration().Match(CSharpText.WithoutCommentsAndLiterals(SourceTree.Read(file)));
            string folder = Path.GetDirectoryName(file)!.Replace('/', '.').Replace('\\', '.');
            if (declared.Success && declared.Groups[1].Value != folder)
            {
                wrong.Add($"{file} declares {declared.Groups[1].Value}");
            }
        }

        Assert.That(wrong, Is.Empty);
    }

    [Test]
    public void Host_RestrictedFolders_ReferenceOnlyWhatTheyMay()
    {
        var wrong = new List<string>();
        foreach ((string folder, string[] allowed) in HostFolders)
        {
            foreach (string file in SourceTree.FilesBelow($"GameServer/{folder}", "*.cs"))
            {
                string code = CSharpText.WithoutCommentsAndLiterals(SourceTree.Read(file));
                wrong.AddRange(ProjectReference().Matches(code)
                    .Select(match => match.Value)
                    .Where(used => !allowed.Any(name => used == name || used.StartsWith(name + ".", StringComparison.Ordinal)))
                    .Select(used => $"{file} uses {used}"));
            }
        }

        Assert.That(wrong, Is.Empty);
    }

    [TestCase("Primitives", "Transport", false)]
    [TestCase("Server", "Client", false)]
    [TestCase("Client", "Server", true)]
    [TestCase("Messages", "Messages", true)]
    [TestCase("Compat", "Primitives", false)]
    [TestCase("Client", "Nowhere", false)]
    public void MayUse_TheTable_SaysWhoMay(string folder, string used, bool expected) => Assert.That(MayUse(folder, used), Is.EqualTo(expected));

    private static bool MayUse(string folder, string used)
    {
        int usedIndex = Array.IndexOf(Layers, used);
        return usedIndex >= 0 && usedIndex <= Array.IndexOf(Layers, folder);
    }

    private static bool IsLibrary(string file) => file.StartsWith(Library + "/", StringComparison.Ordinal);

    private static string FolderOf(string file) => file.Split('/')[1];

    private static string? LayerOf(Type type) =>
        type.Namespace is { } name && name.StartsWith(Library + ".", StringComparison.Ordinal) ? name.Split('.')[2] : null;

    private static IEnumerable<Type> TypesIn(Type type)
    {
        const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        IEnumerable<MethodBase> methods = [.. type.GetMethods(All), .. type.GetConstructors(All)];
        return
        [
            .. type.BaseType is { } parent ? [parent] : Type.EmptyTypes,
            .. type.GetInterfaces(),
            .. type.GetFields(All).Select(field => field.FieldType),
            .. methods.SelectMany(method => method.GetParameters()).Select(parameter => parameter.ParameterType),
            .. methods.OfType<MethodInfo>().Select(method => method.ReturnType),
            .. methods.SelectMany(method => method.GetMethodBody()?.LocalVariables ?? []).Select(local => local.LocalType),
        ];
    }

    private static IEnumerable<Type> Parts(Type type)
    {
        Type inner = type.HasElementType ? type.GetElementType()! : type;
        return inner == type
            ? type.IsGenericType ? type.GetGenericArguments().Where(argument => !argument.IsGenericParameter).SelectMany(Parts).Append(type) : [type]
            : Parts(inner);
    }

    [GeneratedRegex(@"\bGameServer\.Netcode\.(\w+)")]
    private static partial Regex LibraryReference();

    [GeneratedRegex(@"(?<!namespace )\bGameServer(\.\w+)+")]
    private static partial Regex ProjectReference();

    [GeneratedRegex(@"^namespace\s+([\w.]+)", RegexOptions.Multiline)]
    private static partial Regex NamespaceDeclaration();
}
