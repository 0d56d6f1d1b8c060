namespace Multiprocess.Generator.Model;

/// <summary>The runtime's types that generated code names. A test resolves each in the real assembly.</summary>
internal static class RuntimeNames
{
    public const string Root = "Multiprocess";
    public const string Generated = "Multiprocess.Generated";
    public const string Serialization = "Multiprocess.Serialization";
    public const string MessagePack = "MessagePack";
    public const string Codecs = "Multiprocess.Serialization.Codecs";

    /// <summary>Types of the runtime outside the codecs' own namespace, by their simple names.</summary>
    public static readonly IReadOnlyDictionary<string, string> Spaces = new Dictionary<string, string>
    {
        ["IpcContract"] = Generated,
        ["IpcDescription"] = Generated,
        ["IpcFaultCodec"] = Generated,
        ["IpcProxy"] = Generated,
        ["IpcReference"] = Root,
        ["IpcStub"] = Generated,
        ["IncomingCall"] = Generated,
        ["OutgoingCall"] = Generated,
        ["AsyncEnumerableCodec"] = Generated,
        ["DuplexPipeCodec"] = Generated,
        ["StreamCodec"] = Generated,
        ["IIpcCodec"] = Serialization,
        ["IMakesFormatter"] = Serialization,
        ["IpcReadContext"] = Serialization,
        ["IpcWriteContext"] = Serialization,
        ["MessagePackReader"] = MessagePack,
        ["MessagePackWriter"] = MessagePack,
    };

    /// <summary>
    /// A name as generated code writes it. Generated code has no using for the public namespace, to avoid clashes with
    /// user names.
    /// </summary>
    public static string Write(string name, bool qualify)
    {
        string space = Spaces.TryGetValue(name, out string? known) ? known : Codecs;
        return qualify || space == Root ? "global::" + space + "." + name : name;
    }
}
