using Multiprocess.Generator.Model;

namespace Multiprocess.Generator.Baselines;

/// <summary>A contract or a type in a baseline: a head, and a line for each method, member, value or case.</summary>
/// <param name="Kind">The word before the name: <c>interface</c>, or how a type crosses.</param>
/// <param name="Name">The full name.</param>
/// <param name="Suffix">The underlying type of an enum, after a colon.</param>
/// <param name="Lines">The lines, in the order in which they were first seen.</param>
internal sealed record Block(string Kind, string Name, string Suffix, IReadOnlyList<string> Lines)
{
    public const string Interface = "interface";

    public string Head => $"{Kind} {Name}{Suffix}";

    public bool IsContract => Kind == Interface;

    /// <summary>Sorts types by reference before types by value, each by name.</summary>
    public static IEnumerable<Block> Sort(IEnumerable<Block> blocks)
        => blocks.OrderBy(block => block.IsContract ? 0 : 1).ThenBy(block => block.Name, StringComparer.Ordinal);

    public static Block Of(ContractModel contract) => new(
        Interface,
        contract.WireName,
        "",
        [.. contract.Members.SelectMany(member => member.Calls).Select(LineOf)]);

    public static Block Of(ShapeModel shape)
        => new(shape.Kind, shape.Name, shape.Suffix, [.. shape.Members.Select(member => member.BaselineLine)]);

    /// <summary>The line of a call: its id and its signature, with nullability.</summary>
    public static string LineOf(CallModel call) => $"{call.Id:X8} {call.BaselineSignature}";

    /// <summary>
    /// The contracts and types that one file describes. Delegates are left out: their name defines their only method.
    /// </summary>
    public static IEnumerable<Block> Of(FileModel file, IEnumerable<ShapeModel> shapes)
        => new[] { file.Contract }.Concat(
            file.References.Where(
                reference => reference.Kind == ContractKind.Closed
                    && !reference.WireName.StartsWith("System.", StringComparison.Ordinal)))
            .OfType<ContractModel>().Select(Of)
            .Concat(file.Errors.Count == 0 ? shapes.Select(Of) : []);

    /// <summary>
    /// The key that identifies a line: the id of a method, the name of a member or value, the key of a case or a
    /// member.
    /// </summary>
    public string KeyOf(string line) => Kind switch
    {
        Interface or "keyed" => line.Split(' ')[0],
        "enum" => Before(line, " = "),
        _ => Before(line, ": "),
    };

    /// <summary>The name of a method or member in the program.</summary>
    public string NameOf(string line) => Kind switch
    {
        Interface => Before(After(line, " "), "("),
        "keyed" => Before(After(line, " "), ": "),
        "union" => After(line, ": "),
        _ => KeyOf(line).Trim('"'),
    };

    /// <summary>Whether a reader can do without the member.</summary>
    public static bool HasDefault(string line) => line.EndsWith(Default, StringComparison.Ordinal);

    /// <summary>A member's line without the part about its default.</summary>
    public static string Bare(string line) => HasDefault(line) ? line.Substring(0, line.Length - Default.Length) : line;

    private const string Default = " = default";

    private static string Before(string line, string separator)
    {
        int end = separator == "("
            ? line.IndexOf(separator, StringComparison.Ordinal)
            : line.LastIndexOf(separator, StringComparison.Ordinal);
        return end < 0 ? line : line.Substring(0, end);
    }

    private static string After(string line, string separator)
    {
        int end = line.IndexOf(separator, StringComparison.Ordinal);
        return end < 0 ? line : line.Substring(end + separator.Length);
    }
}
