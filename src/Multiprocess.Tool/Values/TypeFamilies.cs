using Multiprocess.Tool.Contracts;

namespace Multiprocess.Tool.Values;

/// <summary>Which of the framework's types cross in the same form.</summary>
internal static class TypeFamilies
{
    private const string Generic = "System.Collections.Generic.";

    private static readonly HashSet<string> s_dictionaries =
    [
        Generic + "Dictionary", Generic + "IDictionary", Generic + "IReadOnlyDictionary", Generic + "OrderedDictionary",
        Generic + "SortedDictionary", Generic + "SortedList",
        "System.Collections.ObjectModel.ReadOnlyDictionary",
        "System.Collections.Immutable.IImmutableDictionary", "System.Collections.Immutable.ImmutableDictionary",
        "System.Collections.Immutable.ImmutableSortedDictionary",
        "System.Collections.Frozen.FrozenDictionary", "System.Collections.Concurrent.ConcurrentDictionary",
    ];

    private static readonly HashSet<string> s_signed =
        [
            "System.SByte", "System.Int16", "System.Int32", "System.Int64", "System.IntPtr", "nint",
        ];

    private static readonly HashSet<string> s_unsigned =
        [
            "System.Byte", "System.UInt16", "System.UInt32", "System.UInt64", "System.UIntPtr", "nuint",
        ];

    public static bool IsDictionary(TypeName type) => type.Arguments.Count == 2 && s_dictionaries.Contains(type.Name);

    /// <summary>
    /// Whether a type is an array, list, queue, stack or set, of whatever class, with one element type.
    /// </summary>
    public static bool IsSequence(TypeName type)
        => type.Rank == 1
            || (type is { Rank: 0, Arguments.Count: 1 }
                && (type.Name.StartsWith("System.Collections.", StringComparison.Ordinal) || IsMemory(type.Name))
                && type.Name is not "System.Collections.Generic.IAsyncEnumerable");

    /// <summary>Whether a type crosses as bytes.</summary>
    public static bool IsBytes(TypeName type)
        => type.Arguments is [{ Name: "System.Byte", IsNullable: false }]
            && (type.Rank == 1 || (type.Rank == 0 && IsMemory(type.Name)));

    public static bool IsTuple(TypeName type) => type is { Rank: 0, Name: "System.ValueTuple" or "System.Tuple" };

    public static bool IsSigned(string name) => s_signed.Contains(name);

    public static bool IsUnsigned(string name) => s_unsigned.Contains(name);

    /// <summary>Whether a type crosses as the text that <c>ToString</c> returns and a constructor parses.</summary>
    public static bool IsText(string name)
        => name is "System.String" or "System.Guid" or "System.Uri" or "System.Version"
        or "System.Globalization.CultureInfo" or "Multiprocess.SecretString";

    private static bool IsMemory(string name)
        => name is "System.Memory" or "System.ReadOnlyMemory" or "System.ArraySegment"
        or "System.Buffers.ReadOnlySequence" or "System.ReadOnlySpan";
}
