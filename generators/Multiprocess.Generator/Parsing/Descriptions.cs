using System.Globalization;
using System.Text;
using Multiprocess.Generator.Baselines;
using Multiprocess.Generator.Model;

namespace Multiprocess.Generator.Parsing;

/// <summary>
/// Describes the contracts and types of a file for programs without their code: enough to write the C# again, and to
/// call.
/// </summary>
/// <remarks>
/// The text is part of the protocol, see "Descriptions" in PROTOCOL.md. It is a baseline with names of parameters and
/// marks for sensitive values.
/// </remarks>
internal static class Descriptions
{
    public static string Of(IEnumerable<ContractModel> contracts, IEnumerable<ShapeModel> shapes)
    {
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

        foreach (var shape in shapes.OrderBy(shape => shape.Name, StringComparer.Ordinal))
        {
            Add(text, shape.Word + shape.Head);
            foreach (var member in shape.Members)
            {
                Add(text, (member.IsSensitive ? " sensitive " : " ") + member.BaselineLine);
            }
        }

        return text.ToString();
    }

    private static void Add(StringBuilder text, string line) => text.Append(text.Length == 0 ? "" : "\n").Append(line);
}
