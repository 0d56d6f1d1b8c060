using System.Text;
using System.Text.RegularExpressions;
using Multiprocess.Generator.Model;

namespace Multiprocess.Generator.Parsing;

/// <summary>Hashes the encoding of a contract's calls, so that the runtime can tell stubs of one type apart.</summary>
/// <remarks>
/// Two files may close the same delegate type or generic contract. If enums, converters and nullability are the same,
/// an object crosses as one reference under both. The names of generated types differ from file to file, so the text
/// has a number in place of each, in the order of occurrence.
/// </remarks>
internal sealed class EncodingForms
{
    /// <summary>A simple name: not after a dot or a colon, as in the names of the user's types.</summary>
    private static readonly Regex s_name = new(@"(?<![\w.:@])[\p{L}_]\w*");

    private readonly Dictionary<string, string> _texts = [];
    private readonly string[] _runtimeSpaces =
    [
        .. RuntimeNames.Spaces.Values
            .Append(RuntimeNames.Codecs)
            .Distinct()
            .OrderByDescending(space => space.Length)
            .Select(space => "global::" + space + "."),
    ];

    public EncodingForms(FileScope scope, IEnumerable<ContractModel> contracts)
    {
        foreach (var value in scope.Values)
        {
            _texts[value.CodecName] = $"{value.Type} {value.Layout} " + Join(
                value.Members.Select(
                    member
                        => $"{member.Name} {member.IntegerKey} {member.StringKey} {member.Default} "
                            + $"{Text(member.Type)}"));
        }

        foreach (var union in scope.Unions)
        {
            _texts[union.CodecName] = union.Type
                + " "
                + Join(union.Cases.Select(@case => $"{@case.Key} {Text(@case.Type)}"));
        }

        foreach (var formatter in scope.Formatters)
        {
            _texts[formatter.Name] = formatter.Make;
        }

        foreach (var contract in contracts)
        {
            _texts[contract.StubName] =
                contract.Type + " " + Join(contract.Members.SelectMany(member => member.Calls).Select(TextOf));
        }
    }

    public ContractModel Mark(ContractModel contract)
        => contract.Kind == ContractKind.Interface ? contract : contract with { Form = Of(contract.StubName) };

    private static string TextOf(CallModel call)
    {
        string parameters = Join(
            call.Parameters.Select(parameter => $"{parameter.Kind} {parameter.RefusesNull} {Text(parameter.Type)}"));
        string result = call.Result is null ? "" : Text(call.Result);
        return $"{call.Id} {call.Kind} {call.HandlersAreOneWay} {call.TimeoutMilliseconds} {parameters} {result}";
    }

    private static string Text(TypeModel type) => type.Type + " " + type.Codec;

    private static string Join(IEnumerable<string> parts) => string.Join(";", parts);

    private ulong Of(string stub)
    {
        var met = new List<string> { stub };
        var all = new StringBuilder();
        for (int i = 0; i < met.Count; i++)
        {
            string text = _runtimeSpaces.Aggregate(_texts[met[i]], (shortened, space) => shortened.Replace(space, ""));
            all.Append(s_name.Replace(text, name => Number(name.Value))).Append('\n');
        }

        return WireIds.Hash(all.ToString());

        string Number(string name)
        {
            if (!_texts.ContainsKey(name))
            {
                return name;
            }

            if (!met.Contains(name))
            {
                met.Add(name);
            }

            return "#" + met.IndexOf(name).ToString(System.Globalization.CultureInfo.InvariantCulture);
        }
    }
}
