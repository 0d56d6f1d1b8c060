using System.Globalization;
using System.Text;
using Multiprocess.Generator.Baselines;
using Multiprocess.Generator.Model;
using Multiprocess.Generator.Parsing;

namespace Multiprocess.Contracts.Tool.Schema;

/// <summary>Writes the contracts of an assembly as a Cap'n Proto schema.</summary>
/// <remarks>
/// Ordinals are the positions of the lines in the blocks. A baseline keeps these positions: new lines come after the
/// old ones. Cap'n Proto has no properties, events, overloads, delegates or null values; each is written as something
/// that it has.
/// </remarks>
internal sealed class SchemaWriter(ContractAssembly assembly, IReadOnlyList<Block> blocks)
{
    private readonly SchemaTypes _types = new(assembly);
    private readonly StringBuilder _text = new();

    public string Write()
    {
        var sorted = Block.Sort(blocks).ToList();
        foreach (var block in sorted.Where(block => block.IsContract || IsDeclared(block)))
        {
            // Declared before anything is written: the order of use must not decide which type gets the simple name.
            _types.Declare(block.Name);
        }

        _text.Append(
            CultureInfo.InvariantCulture,
            $"# The contracts of {assembly.Name}, written by the build. Edit the interfaces, not this file.\n\n");
        _text.Append(CultureInfo.InvariantCulture, $"@0x{WireIds.Hash(assembly.Name) | (1UL << 63):x16};\n");
        var written = new HashSet<string>();
        foreach (var block in sorted)
        {
            if (block.IsContract)
            {
                WriteInterface(assembly.Contracts[block.Name], block.Lines.Select(block.KeyOf), written);
            }
            else
            {
                WriteType(block, written);
            }
        }

        // Writes delegates, and types of other assemblies that are used.
        while (true)
        {
            if (_types.Mentioned.TryDequeue(out ContractModel? contract))
            {
                WriteInterface(contract, [], written);
            }
            else if (assembly.Shapes.Values.FirstOrDefault(
                shape => !written.Contains(shape.Name) && _types.IsMentioned(shape.Name)) is { } shape)
            {
                WriteType(Block.Of(shape), written);
            }
            else
            {
                break;
            }
        }

        _text.Append(_types.Threads);
        foreach (string made in _types.Made)
        {
            _text.Append('\n').Append(made);
        }

        return _text.ToString();
    }

    private bool IsDeclared(Block block) => block.Kind != "converted" && !assembly.IsFlags(block.Name);

    private void WriteInterface(ContractModel contract, IEnumerable<string> order, HashSet<string> written)
    {
        if (!written.Add(contract.WireName))
        {
            return;
        }

        var calls = contract.Members.SelectMany(member => member.Calls).ToDictionary(
            call => call.Id.ToString("X8", CultureInfo.InvariantCulture));
        var names = new SchemaNames();
        _text.Append(
            CultureInfo.InvariantCulture,
            $"\n# {contract.WireName}\ninterface {_types.Declare(contract.WireName)}{_types.HeadOf(contract)} {{\n");
        int ordinal = 0;
        foreach (string id in order.Concat(calls.Keys).Distinct().Where(calls.ContainsKey))
        {
            var call = calls[id];
            string sent = Parameters(
                call.Parameters.Where(parameter => parameter.IsSent), result: null, hasContext: assembly.AsksForCapnp);
            string returned = Parameters(call.Parameters.Where(parameter => parameter.IsReturned), call.Result);
            _text.Append(
                CultureInfo.InvariantCulture,
                $"  {names.Member(call.LogName)} @{ordinal++} ({sent}) -> ({returned});\n");
        }

        _text.Append("}\n");
    }

    private string Parameters(IEnumerable<ParameterModel> parameters, TypeModel? result, bool hasContext = false)
    {
        var names = new SchemaNames(hasContext ? ["context"] : []);
        var all = parameters.Select(parameter => $"{names.Member(parameter.Name)} :{TypeOf(parameter)}").ToList();
        if (result is not null)
        {
            all.Insert(0, $"{names.Member("result")} :{_types.Say(result.Wire)}");
        }

        if (hasContext)
        {
            all.Insert(0, "context :Context");
        }

        return string.Join(", ", all);
    }

    private string TypeOf(ParameterModel parameter) => parameter.Kind switch
    {
        ParameterKind.Bytes => "Data",
        ParameterKind.Sender => "AnyPointer",
        _ => _types.Say(parameter.Type.Wire),
    };

    private void WriteType(Block block, HashSet<string> written)
    {
        if (!written.Add(block.Name) || block.Kind == "converted")
        {
            return;
        }

        var names = new SchemaNames();
        _text.Append(CultureInfo.InvariantCulture, $"\n# {block.Head}\n");
        if (block.Kind == "enum")
        {
            WriteEnum(block, names);
            return;
        }

        _text.Append(CultureInfo.InvariantCulture, $"struct {_types.Declare(block.Name)} {{\n");
        string indent = "  ";
        int ordinal = 0;
        if (block.Kind == "union")
        {
            _text.Append("  union {\n");
            indent = "    ";
        }

        var wireLines = assembly.Shapes[block.Name].Members.ToDictionary(
            member => member.BaselineLine, member => member.Text);
        foreach (string line in block.Lines.Select(line => wireLines[line])) // Cap'n Proto has null everywhere.
        {
            string type = Block.Bare(line)[(Block.Bare(line).LastIndexOf(": ", StringComparison.Ordinal) + 2)..];
            string name = block.Kind == "union"
                ? block.NameOf(line)[(block.NameOf(line).LastIndexOf('.') + 1)..]
                : block.NameOf(line);
            _text.Append(
                CultureInfo.InvariantCulture, $"{indent}{names.Member(name)} @{ordinal++} :{_types.Say(type)};\n");
        }

        if (block.Kind == "union")
        {
            if (ordinal == 1)
            {
                // A union has at least two members.
                _text.Append(CultureInfo.InvariantCulture, $"{indent}{names.Member("reserved")} @1 :Void;\n");
            }

            _text.Append("  }\n");
        }

        _text.Append("}\n");
    }

    /// <summary>
    /// In Cap'n Proto, the values of an enum are their positions; the C# value is in a comment. Values that are
    /// combinations of flags are constants.
    /// </summary>
    private void WriteEnum(Block block, SchemaNames names)
    {
        string name = _types.Declare(block.Name);
        if (assembly.IsFlags(block.Name))
        {
            string type = _types.Say(block.Suffix[2..]);
            foreach (string line in block.Lines)
            {
                _text.Append(
                    CultureInfo.InvariantCulture,
                    $"const {names.Member(name + "_" + block.NameOf(line))} :{type} = "
                        + $"{line[(line.LastIndexOf(' ') + 1)..]};\n");
            }

            return;
        }

        _text.Append(CultureInfo.InvariantCulture, $"enum {name} {{\n");
        int ordinal = 0;
        foreach (string line in block.Lines)
        {
            _text.Append(
                CultureInfo.InvariantCulture,
                $"  {names.Member(block.NameOf(line))} @{ordinal++};  # {line[(line.LastIndexOf(' ') + 1)..]}\n");
        }

        _text.Append("}\n");
    }
}
