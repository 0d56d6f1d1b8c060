using System.Globalization;
using System.Text;
using Multiprocess.Generator.Baselines;
using Multiprocess.Generator.Model;

namespace Multiprocess.Generator.Parsing;

/// <summary>
/// Describes the contracts and types of a file for programs without their code. The description is enough to call the
/// contracts, and to write them again as C#.
/// </summary>
/// <remarks>
/// The text is part of the protocol, see "Descriptions" in PROTOCOL.md. It is a baseline with the names of parameters,
/// marks for sensitive values, and the default values of optional parameters and members.
/// </remarks>
internal static class Descriptions
{
    public static string Of(IEnumerable<ContractModel> contracts, IEnumerable<ShapeModel> shapes)
    {
        contracts = contracts.ToList();
        shapes = shapes.OrderBy(shape => shape.Name, StringComparer.Ordinal).ToList();
        var text = new StringBuilder();
        foreach (var contract in contracts)
        {
            Add(
                text,
                contract.Kind == ContractKind.Delegate
                    ? "delegate " + contract.WireName
                    : $"{Block.Interface} {contract.WireName}");
            foreach (var call in contract.Members.SelectMany(member => member.Calls))
            {
                Add(text, string.Format(CultureInfo.InvariantCulture, " {0:X8} {1}", call.Id, call.Declaration));
            }
        }

        foreach (var shape in shapes)
        {
            Add(text, shape.Word + shape.Head);
            foreach (var member in shape.Members)
            {
                Add(text, (member.IsSensitive ? " sensitive " : " ") + member.BaselineLine);
            }
        }

        foreach (var contract in contracts)
        {
            AddDefaults(
                text,
                contract.WireName,
                contract.Members.SelectMany(member => member.Calls).SelectMany(
                    call => call.Defaults.Select(
                        line => string.Format(CultureInfo.InvariantCulture, "{0:X8} {1}", call.Id, line))));
        }

        foreach (var shape in shapes)
        {
            AddDefaults(
                text,
                shape.Name,
                shape.Members.Where(member => member.Default is not null).Select(member => member.Default!));
        }

        return text.ToString();
    }

    /// <remarks>
    /// The defaults have a block of their own: a reader of an earlier version skips the block, but would not understand
    /// longer lines.
    /// </remarks>
    private static void AddDefaults(StringBuilder text, string name, IEnumerable<string> lines)
    {
        bool isFirst = true;
        foreach (string line in lines)
        {
            if (isFirst)
            {
                Add(text, "defaults " + name);
                isFirst = false;
            }

            Add(text, " " + line);
        }
    }

    private static void Add(StringBuilder text, string line) => text.Append(text.Length == 0 ? "" : "\n").Append(line);
}
