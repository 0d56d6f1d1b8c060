namespace Multiprocess.Generator.Model;

/// <summary>The runtime's types that generated code names. A test resolves each in the real assembly.</summary>
internal static class RuntimeNames
{
    public const string Root = "Multiprocess";
    public const string Contracts = "Multiprocess.Contracts";
    public const string Streaming = "Multiprocess.Contracts.Streaming";
    public const string Serialization = "Multiprocess.Serialization";
    public const string MessagePack = "MessagePack";
    public const string Codecs = "Multiprocess.Serialization.Codecs";

    /// <summary>Types of the runtime outside the codecs' own namespace, by their simple names.</summary>
    public static readonly IReadOnlyDictionary<string, string> Spaces = new Dictionary<string, string>
    {
        ["IpcContract"] = Contracts,
        ["IpcFaultCodec"] = Contracts,
        ["IpcProxy"] = Contracts,
        ["IpcReference"] = Root,
        ["IpcStub"] = Contracts,
        ["IncomingCall"] = Contracts,
        ["OutgoingCall"] = Contracts,
        ["AsyncEnumerableCodec"] = Streaming,
        ["DuplexPipeCodec"] = Streaming,
        ["StreamCodec"] = Streaming,
        ["IIpcCodec"] = Serialization,
        ["IpcReadContext"] = Serialization,
        ["IpcWriteContext"] = Serialization,
        ["MessagePackReader"] = MessagePack,
        ["MessagePackWriter"] = MessagePack,
    };

    /// <summary>A name as generated code writes it. The public namespace is not among its usings: it has what users name.</summary>
    public static string Write(string name, bool qualify)
    {
        string space = Spaces.TryGetValue(name, out string? known) ? known : Codecs;
        return qualify || space == Root ? "global::" + space + "." + name : name;
    }
}
