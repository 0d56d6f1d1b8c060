using System.Buffers;
using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Multiprocess.Scenarios.Harness;

/// <summary>Writes a value out with everything in it, so that two values are told apart by their texts.</summary>
/// <remarks>
/// What has no order (sets, dictionaries, bags) is sorted; what has a comparer says which. Members that a trimmed
/// program lacks are left out, so a program that is trimmed names the types whose members it keeps; what it describes
/// is held against what an ordinary one does.
/// </remarks>
public static class Description
{
    private const string Trimmed =
        "What is trimmed is missing in the text, and the texts are compared with those of a program that is not "
            + "trimmed.";

    private static readonly HashSet<string> s_unordered =
    [
        "HashSet`1", "ImmutableHashSet`1", "FrozenSet`1", "Dictionary`2", "ImmutableDictionary`2",
        "FrozenDictionary`2", "ConcurrentDictionary`2", "ConcurrentBag`1", "ReadOnlyDictionary`2", "ReadOnlySet`1"
    ];

    public static string Of(object? value) => Of(value, depth: 0);

    private static string Of(object? value, int depth) => value switch
    {
        null => "null",
        _ when depth > 80 => "…",
        string text => JsonValue.Create(text).ToJsonString(),
        char letter => $"'{(int)letter:X4}'",
        double number
            => "double " + BitConverter.DoubleToInt64Bits(number).ToString("X16", CultureInfo.InvariantCulture),
        float number => "float " + BitConverter.SingleToInt32Bits(number).ToString("X8", CultureInfo.InvariantCulture),
        Half number => "half " + BitConverter.HalfToInt16Bits(number).ToString("X4", CultureInfo.InvariantCulture),
        DateTime time => $"{time.Ticks} {time.Kind}",
        DateTimeOffset time => $"{time.Ticks} {time.Offset}",
        TimeSpan span => $"{span.Ticks} ticks",
        IPAddress address => "IPAddress " + address,
        CancellationToken => "a token",
        Uri uri => $"Uri {uri.OriginalString} {uri.IsAbsoluteUri}",
        CultureInfo culture => $"culture '{culture.Name}'",
        JsonElement json => "json " + json.GetRawText(),
        JsonNode json => "json " + json.ToJsonString(),
        SecretString secret => $"secret of {secret.Length} '{secret.Reveal()}'",
        Exception exception => OfException(exception, depth),
        Delegate or Stream => value is Delegate ? "a delegate" : "a stream",
        Enum => $"{value.GetType().Name}.{value}",
        ReadOnlyMemory<byte> bytes => "memory " + Convert.ToHexString(bytes.Span),
        Memory<byte> bytes => "memory " + Convert.ToHexString(bytes.Span),
        ReadOnlySequence<byte> bytes => "sequence " + Convert.ToHexString(bytes.ToArray()),
        ITuple tuple when value.GetType().Name.Contains("Tuple`", StringComparison.Ordinal)
            => "(" + string.Join(", ", Enumerable.Range(0, tuple.Length).Select(i => Of(tuple[i], depth + 1))) + ")",
        Array { Rank: > 1 } array => OfGrid(array, depth),
        IEnumerable items => OfItems(items, depth),
        IConvertible or IFormattable
            => $"{value.GetType().Name} {string.Format(CultureInfo.InvariantCulture, "{0}", value)}",
        _ => OfMembers(value, depth),
    };

    private static string OfException(Exception exception, int depth)
        => exception.GetType().FullName + Of(exception.Message, depth) + MembersOf(exception, depth, typeof(Exception))
            + (exception.InnerException is { } inner ? " <- " + Of(inner, depth + 1) : "");

    private static string OfGrid(Array array, int depth)
        => $"[{string.Join(',', Enumerable.Range(0, array.Rank).Select(array.GetLength))}]" + OfItems(array, depth);

    [UnconditionalSuppressMessage(
        "Trimming",
        "IL2072",
        Justification = "Only structures are made so, which have no constructor to keep.")]
    private static string OfItems(IEnumerable items, int depth)
    {
        if (items.GetType() is { Name: "ImmutableArray`1" or "ArraySegment`1" } plain
            && Equals(items, RuntimeHelpers.GetUninitializedObject(plain)))
        {
            return plain.Name + " without array";
        }

        var described = items.Cast<object?>().Select(item => Of(item, depth + 1));
        string name = items.GetType().Name;
        if (s_unordered.Contains(name) || name.Contains("Frozen", StringComparison.Ordinal))
        {
            described = described.Order(StringComparer.Ordinal);
        }

        return NameOf(items) + ComparerOf(items) + "[" + string.Join(", ", described) + "]";
    }

    /// <summary>
    /// The framework has a class of its own for each size and kind of frozen collection, and for a compiler's
    /// collections.
    /// </summary>
    private static string NameOf(IEnumerable items)
        => items.GetType().Name is var name && name.Contains("Frozen", StringComparison.Ordinal) ? "Frozen"
            : items is Array || name.StartsWith("<>z__", StringComparison.Ordinal) ? "Array"
            : name;

    /// <summary>Says which way a comparer of texts goes, by asking it.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = Trimmed)]
    private static string ComparerOf(object items)
    {
        var type = items.GetType();
        object? comparer = (type.GetProperty("Comparer") ?? type.GetProperty("KeyComparer"))?.GetValue(items);
        return comparer switch
        {
            IEqualityComparer<string> texts => texts.Equals("a", "A") ? " ignoring case " : "",
            IComparer<string> texts
                => $" sorting {Math.Sign(texts.Compare("a", "A"))}{Math.Sign(texts.Compare("a", "B"))} ",
            _ => "",
        };
    }

    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = Trimmed)]
    private static string OfMembers(object value, int depth)
        => value.GetType().GetInterfaces().Any(
            contract => contract.IsDefined(typeof(IpcInterfaceAttribute), inherit: false))
            ? "an object"
            : value.GetType().Name + MembersOf(value, depth, typeof(object));

    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = Trimmed)]
    private static string MembersOf(object value, int depth, Type stopAt)
    {
        var members = new List<string>();
        for (var type = value.GetType(); type is not null && type != stopAt; type = type.BaseType)
        {
            members.AddRange(type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly)
                .Select(field => $"{field.Name} = {Of(field.GetValue(value), depth + 1)}"));
            members.AddRange(type.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly)
                .Where(property => property.GetIndexParameters().Length == 0 && property.Name != "Message")
                .Select(property => $"{property.Name} = {Of(property.GetValue(value), depth + 1)}"));
        }

        return " { " + string.Join(", ", members) + " }";
    }
}
