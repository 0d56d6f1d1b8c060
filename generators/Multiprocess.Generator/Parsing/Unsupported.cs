using Microsoft.CodeAnalysis;

namespace Multiprocess.Generator.Parsing;

/// <summary>The types that no codec carries, and what to use instead.</summary>
internal static class Unsupported
{
    private const string UseConcrete =
        "declare the type that really crosses: a record, or an interface with [IpcInterface]";
    private const string Throw =
        "throw it, or send its message; an exception class marked [IpcFault] is caught on the other side as its own type";
    private const string UseDelegateType = "use a delegate type with a signature, for example System.Action<T>";

    private const string UseJson = "use System.Text.Json.Nodes.JsonNode, or System.Text.Json.JsonElement";
    private const string UsePipeHandle =
        "use its Microsoft.Win32.SafeHandles.SafePipeHandle, or System.IO.Stream, which crosses by reference";

    private const string UseMap = "use System.IO.MemoryMappedFiles.MemoryMappedFile, or Multiprocess.SharedMemory";
    private const string UseKnownHandle =
        "only descriptors cross; use Microsoft.Win32.SafeHandles.SafeFileHandle, "
            + "Microsoft.Win32.SafeHandles.SafePipeHandle or System.Net.Sockets.SafeSocketHandle";

    private const string UseSequence = "use System.Collections.Generic.IAsyncEnumerable<T>";

    private static readonly Dictionary<string, string> s_advice = new()
    {
        ["System.Delegate"] = UseDelegateType,
        ["System.MulticastDelegate"] = UseDelegateType,
        ["System.Enum"] = "use the enum type itself",
        ["System.Array"] = "use an array of a known element type",
        ["System.ValueType"] = UseConcrete,
        ["System.Lazy`1"] = "use the value itself, or a method that returns it",
        ["System.WeakReference`1"] = "use the object itself",
        ["System.Type"] = "no type is looked up by a name from the other side; use an enum or a string of your own",
        ["System.Threading.CancellationToken"] =
            "a method takes one cancellation token as a parameter of its own, not nullable and not inside something else",
        ["System.Threading.Tasks.Task"] =
            "a task is only the result of an asynchronous method; return the value itself from such a method",
        ["System.Threading.Tasks.Task`1"] =
            "a task is only the result of an asynchronous method; return the value itself from such a method",
        ["System.Threading.Tasks.ValueTask"] =
            "a task is only the result of an asynchronous method; return the value itself from such a method",
        ["System.Threading.Tasks.ValueTask`1"] =
            "a task is only the result of an asynchronous method; return the value itself from such a method",
        ["System.Collections.Generic.IAsyncEnumerator`1"] = "use System.Collections.Generic.IAsyncEnumerable<T>",
        ["System.WeakReference"] = "use the object itself",
        ["System.Threading.CancellationTokenSource"] =
            "a method takes one System.Threading.CancellationToken as a parameter of its own",
        ["System.Text.StringBuilder"] = "use a string",
        ["System.Text.Encoding"] = "use its name, System.Text.Encoding.WebName",
        ["System.Text.RegularExpressions.Regex"] = "use its pattern and its options",
        ["System.TimeZoneInfo"] = "use its System.TimeZoneInfo.Id",
        ["System.Text.Json.JsonDocument"] = UseJson,
        ["System.Text.Json.Nodes.JsonObject"] = UseJson,
        ["System.Text.Json.Nodes.JsonArray"] = UseJson,
        ["System.Text.Json.Nodes.JsonValue"] = UseJson,
        ["System.Xml.Linq.XElement"] = "use its text",
        ["System.Xml.Linq.XDocument"] = "use its text",
        ["System.IO.FileInfo"] = "use its path, and mind that the other process may have another current directory",
        ["System.IO.DirectoryInfo"] =
            "use its path, and mind that the other process may have another current directory",
        ["System.IO.TextReader"] = "use a string, System.IO.Stream, or IAsyncEnumerable<string>",
        ["System.IO.TextWriter"] = "use System.IO.Stream, or a delegate that takes the text",
        ["System.Security.SecureString"] = "use Multiprocess.SecretString",
        ["System.Collections.Generic.PriorityQueue`2"] =
            "use a list of its System.Collections.Generic.PriorityQueue<TElement, TPriority>.UnorderedItems",
        ["System.Linq.ILookup`2"] = "use System.Collections.Generic.IReadOnlyDictionary<TKey, IReadOnlyList<TElement>>",
        ["System.Linq.IGrouping`2"] = "use System.Collections.Generic.KeyValuePair<TKey, IReadOnlyList<TElement>>",
        ["System.Threading.Channels.Channel`1"] = UseSequence,
        ["System.Threading.Channels.ChannelReader`1"] = UseSequence,
        ["System.Threading.Channels.ChannelWriter`1"] = "use an asynchronous delegate that takes one item",
        ["System.IObservable`1"] = "use an event, or System.Collections.Generic.IAsyncEnumerable<T>",
        ["System.IObserver`1"] = "use delegates, or an interface of your own with [IpcInterface]",
        ["System.Linq.Expressions.Expression`1"] = "use a delegate, which runs in its own process",
        ["System.Net.Sockets.NetworkStream"] =
            "use its System.Net.Sockets.Socket, or System.IO.Stream, which crosses by reference",
        ["System.Net.Sockets.TcpClient"] = "use its System.Net.Sockets.Socket",
        ["System.Net.Sockets.TcpListener"] = "use its System.Net.Sockets.Socket",
        ["System.Net.Sockets.UdpClient"] = "use its System.Net.Sockets.Socket",
        ["System.IO.Pipes.AnonymousPipeServerStream"] =
            "use the Microsoft.Win32.SafeHandles.SafePipeHandle of one of its two ends",
        ["System.IO.Pipes.NamedPipeClientStream"] = UsePipeHandle,
        ["System.IO.Pipes.NamedPipeServerStream"] = UsePipeHandle,
        ["System.IO.Pipes.PipeStream"] = UsePipeHandle,
        ["System.IO.MemoryMappedFiles.MemoryMappedViewAccessor"] = UseMap,
        ["System.IO.MemoryMappedFiles.MemoryMappedViewStream"] = UseMap,
        ["Microsoft.Win32.SafeHandles.SafeMemoryMappedFileHandle"] = UseMap,
        ["Microsoft.Win32.SafeHandles.SafeMemoryMappedViewHandle"] = UseMap,
        ["System.IO.MemoryStream"] = "use System.IO.Stream, which crosses by reference, or System.ReadOnlyMemory<byte>",
        ["System.IO.Pipelines.PipeReader"] = "use System.IO.Pipelines.IDuplexPipe, or System.IO.Stream",
        ["System.IO.Pipelines.PipeWriter"] = "use System.IO.Pipelines.IDuplexPipe, or System.IO.Stream",
        ["System.Collections.Generic.IEnumerator`1"] = "return a collection",
        ["System.Collections.IEnumerable"] = "use System.Collections.Generic.IEnumerable<T>",
        ["System.Collections.IEnumerator"] = "return a collection",
        ["System.Collections.IList"] = "use System.Collections.Generic.IList<T>",
        ["System.Collections.IDictionary"] = "use System.Collections.Generic.IDictionary<TKey, TValue>",
        ["System.Collections.ArrayList"] = "use System.Collections.Generic.List<T>",
        ["System.Collections.Hashtable"] = "use System.Collections.Generic.Dictionary<TKey, TValue>",
    };

    /// <summary>What to use instead of a type that cannot cross; null when the type may cross.</summary>
    public static string? Advice(ITypeSymbol type)
    {
        switch (type.TypeKind)
        {
            case TypeKind.Dynamic:
                return UseConcrete;
            case TypeKind.Pointer or TypeKind.FunctionPointer:
                return "an address means nothing in another process; use an array, or a delegate";
            case TypeKind.TypeParameter:
                return "what crosses must be known when the contract is compiled; use a closed type";
        }

        if (type.SpecialType == SpecialType.System_Object)
        {
            return UseConcrete;
        }

        string name = WellKnownTypes.FullName(type.OriginalDefinition);
        if (s_advice.TryGetValue(name, out string? advice))
        {
            return advice;
        }

        if (name == "System.Buffers.ReadOnlySequence`1"
            && ((INamedTypeSymbol)type).TypeArguments[0].SpecialType != SpecialType.System_Byte)
        {
            return "only a sequence of bytes crosses; use System.ReadOnlyMemory<T>";
        }

        for (var current = type; current is not null; current = current.BaseType)
        {
            switch (WellKnownTypes.FullName(current))
            {
                case "System.Exception":
                    return Throw;
                case "System.Runtime.InteropServices.SafeHandle" when CodecTable.Find(name) is null:
                    return UseKnownHandle;
            }
        }

        bool isOpaque = type.TypeKind is TypeKind.Class or TypeKind.Struct
            && type.OriginalDefinition.SpecialType != SpecialType.System_Nullable_T
            && WellKnownTypes.IsFramework(type)
            && !WellKnownTypes.IsEventArgs(type)
            && CodecTable.Find(name) is null
            && CodecTable.FindOfBytes(name) is null;
        return isOpaque ? "its inner state is not known here; copy what matters into a record" : null;
    }
}
