using Multiprocess.Generator.Model;

namespace Multiprocess.Generator.Parsing;

/// <summary>The codecs of the runtime, by their types.</summary>
/// <remarks>For each type argument, the codec of a generic type takes the argument and its codec.</remarks>
internal static class CodecTable
{
    /// <summary>Codecs that are composed by rule, not looked up.</summary>
    private static readonly string[] s_composed =
    [
        "BorrowedCodec", "ConverterCodec", "FormatterCodec", "NonNullFormatterCodec", "SensitiveCodec", "EnumCodec",
        "OpenEnumCodec", "NullableCodec", "NullableReferenceCodec", "ReferenceCodec", "NonNullReferenceCodec",
        "ByteArrayCodec", "ArrayCodec", "Array2DCodec", "Array3DCodec", "Array4DCodec",
        "MemoryOfByteCodec", "ReadOnlyMemoryOfByteCodec", "ReadOnlySequenceOfByteCodec", "ArraySegmentOfByteCodec",
    ];

    private static readonly Dictionary<string, string> s_byType = new()
    {
        ["System.Boolean"] = "BooleanCodec",
        ["System.Byte"] = "ByteCodec",
        ["System.SByte"] = "SByteCodec",
        ["System.Int16"] = "Int16Codec",
        ["System.UInt16"] = "UInt16Codec",
        ["System.Int32"] = "Int32Codec",
        ["System.UInt32"] = "UInt32Codec",
        ["System.Int64"] = "Int64Codec",
        ["System.UInt64"] = "UInt64Codec",
        ["System.IntPtr"] = "IntPtrCodec",
        ["System.UIntPtr"] = "UIntPtrCodec",
        ["System.Char"] = "CharCodec",
        ["System.Single"] = "SingleCodec",
        ["System.Double"] = "DoubleCodec",
        ["System.Half"] = "HalfCodec",
        ["System.Decimal"] = "DecimalCodec",
        ["System.Int128"] = "Int128Codec",
        ["System.UInt128"] = "UInt128Codec",
        ["System.Numerics.BigInteger"] = "BigIntegerCodec",
        ["System.Numerics.Complex"] = "ComplexCodec",
        ["System.String"] = "StringCodec",
        ["System.Guid"] = "GuidCodec",
        ["System.DateTime"] = "DateTimeCodec",
        ["System.DateTimeOffset"] = "DateTimeOffsetCodec",
        ["System.DateOnly"] = "DateOnlyCodec",
        ["System.TimeOnly"] = "TimeOnlyCodec",
        ["System.TimeSpan"] = "TimeSpanCodec",
        ["System.Uri"] = "UriCodec",
        ["System.Version"] = "VersionCodec",
        ["System.Net.IPAddress"] = "IPAddressCodec",
        ["System.Net.IPEndPoint"] = "IPEndPointCodec",
        ["System.Net.IPNetwork"] = "IPNetworkCodec",
        ["System.Globalization.CultureInfo"] = "CultureInfoCodec",
        ["System.Text.Rune"] = "RuneCodec",
        ["System.Index"] = "IndexCodec",
        ["System.Range"] = "RangeCodec",
        ["System.Collections.BitArray"] = "BitArrayCodec",
        ["System.Text.Json.JsonElement"] = "JsonElementCodec",
        ["System.Text.Json.Nodes.JsonNode"] = "JsonNodeCodec",
        ["System.Memory`1"] = "MemoryCodec",
        ["System.ReadOnlyMemory`1"] = "ReadOnlyMemoryCodec",
        ["System.ArraySegment`1"] = "ArraySegmentCodec",
        ["System.Collections.Generic.KeyValuePair`2"] = "KeyValuePairCodec",
        ["System.Collections.Generic.List`1"] = "ListCodec",
        ["System.Collections.Generic.IList`1"] = "IListCodec",
        ["System.Collections.Generic.ICollection`1"] = "ICollectionCodec",
        ["System.Collections.Generic.IEnumerable`1"] = "IEnumerableCodec",
        ["System.Collections.Generic.IReadOnlyList`1"] = "IReadOnlyListCodec",
        ["System.Collections.Generic.IReadOnlyCollection`1"] = "IReadOnlyCollectionCodec",
        ["System.Collections.Generic.HashSet`1"] = "HashSetCodec",
        ["System.Collections.Generic.ISet`1"] = "ISetCodec",
        ["System.Collections.Generic.IReadOnlySet`1"] = "IReadOnlySetCodec",
        ["System.Collections.Generic.SortedSet`1"] = "SortedSetCodec",
        ["System.Collections.Generic.Queue`1"] = "QueueCodec",
        ["System.Collections.Generic.Stack`1"] = "StackCodec",
        ["System.Collections.Generic.LinkedList`1"] = "LinkedListCodec",
        ["System.Collections.ObjectModel.Collection`1"] = "CollectionCodec",
        ["System.Collections.ObjectModel.ReadOnlyCollection`1"] = "ReadOnlyCollectionCodec",
        ["System.Collections.ObjectModel.ObservableCollection`1"] = "ObservableCollectionCodec",
        ["System.Collections.ObjectModel.ReadOnlyObservableCollection`1"] = "ReadOnlyObservableCollectionCodec",
        ["System.Collections.ObjectModel.ReadOnlySet`1"] = "ReadOnlySetCodec",
        ["System.Collections.ObjectModel.ReadOnlyDictionary`2"] = "ReadOnlyDictionaryCodec",
        ["System.Collections.Immutable.ImmutableArray`1"] = "ImmutableArrayCodec",
        ["System.Collections.Immutable.ImmutableList`1"] = "ImmutableListCodec",
        ["System.Collections.Immutable.IImmutableList`1"] = "IImmutableListCodec",
        ["System.Collections.Immutable.IImmutableSet`1"] = "IImmutableSetCodec",
        ["System.Collections.Immutable.IImmutableQueue`1"] = "IImmutableQueueCodec",
        ["System.Collections.Immutable.IImmutableStack`1"] = "IImmutableStackCodec",
        ["System.Collections.Immutable.IImmutableDictionary`2"] = "IImmutableDictionaryCodec",
        ["System.Collections.Immutable.ImmutableHashSet`1"] = "ImmutableHashSetCodec",
        ["System.Collections.Immutable.ImmutableSortedSet`1"] = "ImmutableSortedSetCodec",
        ["System.Collections.Immutable.ImmutableQueue`1"] = "ImmutableQueueCodec",
        ["System.Collections.Immutable.ImmutableStack`1"] = "ImmutableStackCodec",
        ["System.Collections.Immutable.ImmutableDictionary`2"] = "ImmutableDictionaryCodec",
        ["System.Collections.Immutable.ImmutableSortedDictionary`2"] = "ImmutableSortedDictionaryCodec",
        ["System.Collections.Frozen.FrozenSet`1"] = "FrozenSetCodec",
        ["System.Collections.Frozen.FrozenDictionary`2"] = "FrozenDictionaryCodec",
        ["System.Collections.Concurrent.ConcurrentQueue`1"] = "ConcurrentQueueCodec",
        ["System.Collections.Concurrent.ConcurrentStack`1"] = "ConcurrentStackCodec",
        ["System.Collections.Concurrent.ConcurrentBag`1"] = "ConcurrentBagCodec",
        ["System.Collections.Concurrent.ConcurrentDictionary`2"] = "ConcurrentDictionaryCodec",
        ["System.Collections.Generic.Dictionary`2"] = "DictionaryCodec",
        ["System.Collections.Generic.IDictionary`2"] = "IDictionaryCodec",
        ["System.Collections.Generic.IReadOnlyDictionary`2"] = "IReadOnlyDictionaryCodec",
        ["System.Collections.Generic.OrderedDictionary`2"] = "OrderedDictionaryCodec",
        ["System.Collections.Generic.SortedDictionary`2"] = "SortedDictionaryCodec",
        ["System.Collections.Generic.SortedList`2"] = "SortedListCodec",
        ["System.Collections.Generic.IAsyncEnumerable`1"] = "AsyncEnumerableCodec",
        ["Multiprocess.SecretString"] = "SecretStringCodec",
        ["Multiprocess.SharedMemory"] = "SharedMemoryCodec",
        ["Microsoft.Win32.SafeHandles.SafeFileHandle"] = "SafeFileHandleCodec",
        ["Microsoft.Win32.SafeHandles.SafePipeHandle"] = "SafePipeHandleCodec",
        ["System.IO.FileStream"] = "FileStreamCodec",
        ["System.IO.MemoryMappedFiles.MemoryMappedFile"] = "MemoryMappedFileCodec",
        ["System.IO.Pipes.AnonymousPipeClientStream"] = "AnonymousPipeClientStreamCodec",
        ["System.Net.Sockets.SafeSocketHandle"] = "SafeSocketHandleCodec",
        ["System.Net.Sockets.Socket"] = "SocketCodec",
        ["System.IO.Stream"] = "StreamCodec",
        ["System.IO.Pipelines.IDuplexPipe"] = "DuplexPipeCodec",
    };

    /// <summary>Types that cross as descriptors of the system.</summary>
    private static readonly HashSet<string> s_descriptors =
    [
        "Multiprocess.SharedMemory", "Microsoft.Win32.SafeHandles.SafeFileHandle",
        "Microsoft.Win32.SafeHandles.SafePipeHandle", "System.IO.FileStream",
        "System.IO.MemoryMappedFiles.MemoryMappedFile", "System.IO.Pipes.AnonymousPipeClientStream",
        "System.Net.Sockets.SafeSocketHandle", "System.Net.Sockets.Socket",
    ];

    /// <summary>Generic types that have a separate codec for bytes: they cross as bin.</summary>
    private static readonly Dictionary<string, string> s_ofBytes = new()
    {
        ["System.Memory`1"] = "MemoryOfByteCodec",
        ["System.ReadOnlyMemory`1"] = "ReadOnlyMemoryOfByteCodec",
        ["System.ArraySegment`1"] = "ArraySegmentOfByteCodec",
        ["System.Buffers.ReadOnlySequence`1"] = "ReadOnlySequenceOfByteCodec",
    };

    /// <summary>The full names of the types that have codecs, except tuples.</summary>
    public static IEnumerable<string> KnownTypes => s_byType.Keys.Union(s_ofBytes.Keys);

    /// <summary>The simple names of all codecs of the runtime.</summary>
    public static IEnumerable<string> AllNames
        => s_composed.Concat(s_byType.Values).Concat(["ValueTupleCodec", "TupleCodec"]).Distinct();

    /// <summary>
    /// The simple names of all runtime types that generated code names. Generated code must qualify them if the user's
    /// namespace has a type of the same name.
    /// </summary>
    public static IEnumerable<string> RuntimeTypes => RuntimeNames.Spaces.Keys.Union(AllNames);

    /// <summary>The codec of a type, by the full name of its definition; null if the runtime has none.</summary>
    public static string? Find(string fullName)
    {
        if (s_byType.TryGetValue(fullName, out string? codec))
        {
            return codec;
        }

        if (fullName.StartsWith("System.ValueTuple`", StringComparison.Ordinal))
        {
            return "ValueTupleCodec";
        }

        return fullName.StartsWith("System.Tuple`", StringComparison.Ordinal) ? "TupleCodec" : null;
    }

    /// <summary>Whether the type of that full name crosses as a descriptor of the system.</summary>
    public static bool IsDescriptor(string fullName) => s_descriptors.Contains(fullName);

    /// <summary>The codec of a generic type over bytes; null if there is no separate one.</summary>
    public static string? FindOfBytes(string fullName)
        => s_ofBytes.TryGetValue(fullName, out string? codec) ? codec : null;
}
