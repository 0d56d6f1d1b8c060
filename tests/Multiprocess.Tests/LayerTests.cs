using System.Text.RegularExpressions;

namespace Multiprocess.Tests;

/// <summary>
/// Holds the folders of the runtime to the order that src/README.md states: each names only what stands before it.
/// </summary>
public sealed partial class LayerTests
{
    /// <summary>
    /// What each folder may name. Public types without behaviour, which have no namespace of their own, are seen by
    /// all.
    /// </summary>
    private static readonly Dictionary<string, string[]> s_mayName = Ranked(
        ["Locks"],
        ["Logging"],
        ["Metrics"],
        ["Native"],
        ["Buffers"],
        ["Transports"],
        ["Protocols"],
        ["Framing"],
        ["Recording"],
        ["Threads"],
        ["Serialization"],
        ["Messages"],
        [
            "Generated", "Faults", "Calls", "Objects", "Versions", "Outgoing", "Incoming", "Streaming", "Connections",
            "Diagnostics", "Introspection",
        ],
        ["Sandboxing"],
        ["Processes"]);

    /// <summary>The folders whose code may name MessagePack: calls write and read it, and nothing else does.</summary>
    private static readonly string[] s_mayNameTheWire =
        [
            "Serialization", "Messages", "Calls", "Outgoing", "Incoming", "Streaming", "Faults", "Versions",
            "Introspection",
        ];

    /// <summary>Where a file outside of those folders names MessagePack, and why.</summary>
    private static readonly Dictionary<string, string> s_namesTheWire = new()
    {
        ["IIpcConverter.cs"] = "a converter writes and reads MessagePack",
        ["IpcConnection.cs"] = "chooses the protocol of a connection",
        ["Options/IpcConnectionOptions.cs"] = "has the options of MessagePack formatters",
    };

    /// <summary>What each file of the root may name, besides other files of the root.</summary>
    private static readonly Dictionary<string, string[]> s_root = new()
    {
        ["IIpcConverter"] = ["Serialization"],
        ["IpcAddress"] = [],
        ["IpcAddressKind"] = [],
        ["IpcCall"] = ["Incoming"],
        ["IpcCallContext"] = ["Locks", "Threads"],
        ["IpcCallStep"] = [],
        ["IpcChildExit"] = [],
        ["IpcChildProcess"] =
            ["Connections", "Logging", "Metrics", "Native", "Processes", "Recording", "Sandboxing", "Transports"],
        ["IpcChildStartedEventArgs"] = [],
        ["IpcConnection"] =
            [
                "Connections", "Diagnostics", "Framing", "Locks", "Messages", "Objects", "Outgoing", "Recording",
                "Transports",
            ],
        ["IpcFollowingRoot"] = ["Generated", "Objects"],
        ["IpcLiveObject"] = [],
        ["IpcOtherProtocol"] = ["Connections", "Transports"],
        ["IpcParent"] = ["Connections", "Objects", "Processes"],
        ["IpcParentConnection"] = ["Connections", "Locks", "Logging", "Objects", "Processes", "Transports"],
        ["IpcParentRoot"] = ["Objects"],
        ["IpcPeer"] = [],
        ["IpcRestartEventArgs"] = [],
        ["IpcServer"] =
            [
                "Connections", "Diagnostics", "Framing", "Locks", "Logging", "Metrics", "Objects", "Recording",
                "Transports",
            ],
        ["IpcSupervisor"] = ["Generated", "Locks", "Logging", "Objects", "Processes"],
        ["IpcText"] = [],
        ["IpcWaitingCall"] = [],
        ["SecretString"] = [],
        ["SharedMemory"] = ["Locks", "Native"],
    };

    /// <summary>
    /// The types of the root that do something, and the folders that may name them. Folders may name all others: they
    /// are values.
    /// </summary>
    private static readonly Dictionary<string, string[]> s_namedBy = new()
    {
        ["IpcConnection"] = ["Calls", "Connections", "Introspection", "Processes"],
        ["IpcServer"] = ["Introspection"],
        ["IpcChildProcess"] = [],
        ["IpcSupervisor"] = [],
        ["IpcParent"] = [],
        ["IpcParentConnection"] = [],
        ["IpcFollowingRoot"] = [],
        ["IpcCall"] = ["Incoming", "Outgoing"],
        ["IpcCallContext"] = ["Calls", "Incoming"],
    };

    private static IEnumerable<string> Layers => s_mayName.Keys;

    private static IEnumerable<string> RootTypes => s_namedBy.Keys;

    private static IEnumerable<string> RootFiles => s_root.Keys;

    [TestCaseSource(nameof(Layers))]
    public void Layer_names_only_what_stands_before_it(string layer)
        => Assert.That(
            Sources(layer).SelectMany(Named).Distinct().Where(name => name != layer), Is.SubsetOf(s_mayName[layer]));

    [Test]
    public void Every_folder_with_a_namespace_is_a_layer()
        => Assert.That(
            Folders.Where(folder => Sources(folder).Any(HasNamespace)),
            Is.SubsetOf(Layers));

    [TestCaseSource(nameof(RootFiles))]
    public void File_of_the_root_names_only_its_own_layers(string file)
        => Assert.That(
            RootSources.Where(source => Stem(source) == file).SelectMany(Named).Distinct(),
            Is.EquivalentTo(s_root[file]));

    [Test]
    public void Every_file_of_the_root_is_listed()
        => Assert.That(RootSources.Select(Stem).Distinct(), Is.EquivalentTo(RootFiles));

    [TestCaseSource(nameof(RootTypes))]
    public void Type_of_the_root_is_named_only_where_it_must_be(string type)
        => Assert.That(
            Folders.Where(folder => Sources(folder).Any(file => Regex.IsMatch(Code(file), $@"\b{type}\b"))),
            Is.EquivalentTo(s_namedBy[type]));

    [Test]
    public void Wire_format_is_named_only_by_calls_and_by_the_files_listed()
    {
        IEnumerable<string> naming = Directory.EnumerateFiles(Source, "*.cs", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Source, file).Replace('\\', '/'))
            .Where(file => file.Split('/')[0] is not ("bin" or "obj"))
            .Where(file => !s_mayNameTheWire.Contains(file.Split('/')[0]))
            .Where(file => Wire().IsMatch(Code(Path.Combine(Source, file))));

        Assert.That(naming, Is.EquivalentTo(s_namesTheWire.Keys));
    }

    [Test]
    public void Router_does_not_name_the_wire_format()
        => Assert.That(
            Sources("Incoming").Where(file => Stem(file) == "Router" && Wire().IsMatch(Code(file))), Is.Empty);

    /// <summary>Each row may name the rows before it; the folders of one row may name each other.</summary>
    private static Dictionary<string, string[]> Ranked(params string[][] rows)
        => rows
            .SelectMany((row, rank) => row.Select(
                folder => (folder, mayName: rows.Take(rank + 1).SelectMany(before => before).ToArray())))
            .ToDictionary(entry => entry.folder, entry => entry.mayName);

    [Test]
    public void No_lock_is_taken_where_an_interrupted_thread_would_throw()
    {
        // A lock statement throws in a thread that Thread.Interrupt was called for. Of these files no code runs in a
        // call.
        string[] exempt = ["Uninterruptible.cs", "DiagnosticsAssembly.cs"];

        string[] plain =
        [
            .. Directory.EnumerateFiles(Source, "*.cs", SearchOption.AllDirectories)
                .Where(file => !exempt.Contains(Path.GetFileName(file)) && PlainLock().IsMatch(File.ReadAllText(file)))
                .Select(file => Path.GetFileName(file)),
        ];

        Assert.That(plain, Is.Empty);
    }

    private static string Source
    {
        get
        {
            string? root = AppContext.BaseDirectory;
            while (root is not null && !File.Exists(Path.Combine(root, "Multiprocess.sln")))
            {
                root = Path.GetDirectoryName(root);
            }

            return Path.Combine(root!, "src", "Multiprocess");
        }
    }

    private static IEnumerable<string> Folders
        => Directory.GetDirectories(Source).Select(folder => Path.GetFileName(folder)!).Except(["bin", "obj"]);

    private static IEnumerable<string> RootSources => Directory.EnumerateFiles(Source, "*.cs");

    /// <summary>None of a namespace whose types stand in the folders of what they are about.</summary>
    private static IEnumerable<string> Sources(string folder)
        => Directory.Exists(Path.Combine(Source, folder))
            ? Directory.EnumerateFiles(Path.Combine(Source, folder), "*.cs", SearchOption.AllDirectories)
            : [];

    private static bool HasNamespace(string file)
        => File.ReadAllText(file).Contains("namespace Multiprocess.", StringComparison.Ordinal);

    /// <summary>The layers that a file names.</summary>
    private static IEnumerable<string> Named(string file)
        => Name().Matches(File.ReadAllText(file))
            .Select(match => match.Groups["layer"].Value)
            .Where(s_mayName.ContainsKey)
            .Distinct();

    /// <summary>The name of a file up to its first point: the parts of a class have the same.</summary>
    private static string Stem(string file) => Path.GetFileName(file).Split('.')[0];

    /// <summary>The text of a file without its comments.</summary>
    private static string Code(string file) => Comment().Replace(File.ReadAllText(file), "");

    [GeneratedRegex(@"^\s*lock \(|Monitor\.(Try)?Enter|\.EnterScope\(", RegexOptions.Multiline)]
    private static partial Regex PlainLock();

    // "using Multiprocess.Calls;" and names that begin with a folder, as in "Faults.FaultFormat".
    [GeneratedRegex(@"(?<=using Multiprocess\.|[ (<])(?<layer>[A-Z]\w+)(?=;|\.[A-Z]\w+[.<( ;?,)])")]
    private static partial Regex Name();

    [GeneratedRegex(@"MessagePack|\bMultiprocess\.(Messages|Serialization)\b|\bMessages\.[A-Z]")]
    private static partial Regex Wire();

    [GeneratedRegex(@"^\s*//.*$", RegexOptions.Multiline)]
    private static partial Regex Comment();
}
