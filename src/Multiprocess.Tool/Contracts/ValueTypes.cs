namespace Multiprocess.Tool.Contracts;

/// <summary>Which types are value types. The id of a method includes whether a value type may be nil.</summary>
internal static class ValueTypes
{
    private static readonly HashSet<string> s_framework =
    [
        "System.Boolean", "System.Byte", "System.SByte", "System.Int16", "System.UInt16", "System.Int32",
        "System.UInt32", "System.Int64", "System.UInt64",
        "System.IntPtr", "System.UIntPtr", "nint", "nuint",
        "System.Char", "System.Single", "System.Double", "System.Half",
        "System.Decimal", "System.Int128", "System.UInt128",
        "System.Numerics.BigInteger", "System.Numerics.Complex", "System.Guid", "System.DateTime",
        "System.DateTimeOffset", "System.DateOnly", "System.TimeOnly",
        "System.TimeSpan", "System.Text.Rune", "System.Index", "System.Range", "System.Net.IPNetwork",
        "System.Text.Json.JsonElement", "System.ValueTuple",
        "System.Collections.Generic.KeyValuePair", "System.Memory", "System.ReadOnlyMemory", "System.ReadOnlySpan",
        "System.ArraySegment",
        "System.Collections.Immutable.ImmutableArray", "System.Buffers.ReadOnlySequence",
        "System.Threading.Tasks.ValueTask",
    ];

    private static readonly HashSet<string> s_enums =
    [
        "System.DayOfWeek", "System.DateTimeKind", "System.StringComparison", "System.ConsoleColor",
        "System.IO.FileMode", "System.IO.FileAccess", "System.Net.HttpStatusCode",
    ];

    public static bool IsEnumOfTheFramework(TypeName type) => type.Rank == 0 && s_enums.Contains(type.Name);

    public static bool Contains(ContractBook book, TypeName type)
        => type.Rank == 0
            && (s_framework.Contains(type.Name)
                || s_enums.Contains(type.Name)
                || book.FindShape(type) is { } shape && (shape.IsStruct || shape.Kind == ShapeKind.Enum));
}
