using System.Globalization;
using System.Text;

namespace Multiprocess.Tool.Schemas;

/// <summary>Writes the C# contracts of a schema, with the attributes that bind them to it.</summary>
internal sealed class ContractImport
{
    private readonly IReadOnlyDictionary<ulong, SchemaNode> _nodes;
    private readonly ImportedTypes _types;
    private readonly StringBuilder _text = new();

    // Exceptions that have the fields of a struct, by the struct.
    private readonly Dictionary<ulong, string> _exceptions = [];
    private readonly Queue<(SchemaNode Node, string Name)> _exceptionsToWrite = new();

    private ContractImport(IReadOnlyDictionary<ulong, SchemaNode> nodes)
    {
        _nodes = nodes;
        _types = new(nodes);
    }

    /// <summary>The source file.</summary>
    /// <param name="request">What the compiler made of the schema.</param>
    /// <param name="space">The namespace.</param>
    /// <param name="file">The schema's name, for the first line.</param>
    public static string Write(byte[] request, string space, string file)
    {
        (IReadOnlyDictionary<ulong, SchemaNode> nodes, IReadOnlyList<ulong> files) = SchemaReader.Read(request);
        return new ContractImport(nodes).Write(files, space, file);
    }

    private string Write(IReadOnlyList<ulong> files, string space, string file)
    {
        Line($"// Written by 'multiprocess import' from {Path.GetFileName(file)}. Ids and ordinals are the schema's.");
        Line("#nullable enable");
        Line("using System;");
        Line("using System.Collections.Generic;");
        Line("using System.Threading;");
        Line("using Multiprocess;");
        Line("using Multiprocess.CapnProto;");
        Line("using Multiprocess.CapnProto.Messages;");
        Line("using Multiprocess.CapnProto.Rpc;");
        Line("");
        Line($"namespace {space};");
        foreach (ulong id in files)
        {
            UseAll(_nodes[id]);
        }

        while (true)
        {
            if (_types.Used.TryDequeue(out var used))
            {
                WriteNode(used.Node, used.Arguments, used.Name);
            }
            else if (_exceptionsToWrite.TryDequeue(out var exception))
            {
                WriteStruct(exception.Node, [], exception.Name, isException: true);
            }
            else
            {
                return _text.ToString();
            }
        }
    }

    private void UseAll(SchemaNode scope)
    {
        foreach (ulong id in scope.Nested)
        {
            SchemaNode node = _nodes[id];
            if (node.Kind is NodeKind.Interface or NodeKind.Enum
                || (node.Kind == NodeKind.Struct && node.Parameters.Count == 0))
            {
                _types.NameOf(node, []);
            }

            UseAll(node);
        }
    }

    private void WriteNode(SchemaNode node, IReadOnlyList<SchemaType?> arguments, string name)
    {
        switch (node.Kind)
        {
            case NodeKind.Enum:
                WriteEnum(node, name);
                break;
            case NodeKind.Struct:
                WriteStruct(node, arguments, name, isException: false);
                break;
            case NodeKind.Interface when node.Id is not (KnownIds.Thread or KnownIds.ThreadMap):
                WriteInterface(node, name);
                break;
        }
    }

    private void WriteEnum(SchemaNode node, string name)
    {
        Line("");
        Line($"public enum {name} : ushort");
        Line("{");
        for (int i = 0; i < node.Enumerants.Count; i++)
        {
            Line($"    {ImportedTypes.Pascal(node.Enumerants[i])} = {i},");
        }

        Line("}");
    }

    private void WriteStruct(
        SchemaNode node, IReadOnlyList<SchemaType?> arguments, string name, bool isException)
    {
        IReadOnlyList<string> lines;
        try
        {
            _ = _types.Of(new SchemaType(TypeKind.Struct, node.Id) { Arguments = arguments }, arguments);
            lines = new ImportedStruct(_nodes, _types, arguments).Write(node, name, isException);
        }
        catch (NotSupportedException exception)
        {
            Line("");
            Line($"// struct {node.Name}: a contract cannot have {exception.Message}.");
            return;
        }

        Line("");
        foreach (string line in lines)
        {
            Line(line);
        }
    }

    private void WriteInterface(SchemaNode node, string name)
    {
        List<ImportedMethod> methods = [.. node.Methods.Select(method => new ImportedMethod(
            _nodes, _types, method, node.Note(KnownIds.Wrap) is not null))];
        bool hasContext = methods.Count(method => method.Context == 0) * 2 >= Math.Max(1, methods.Count);
        int construct = node.Methods.ToList().FindIndex(method => method.Name == "construct");
        int destroy = node.Methods.ToList().FindIndex(method => method.Name == "destroy");
        string head = $"CapnpInterface({Hex(node.Id)}"
            + (hasContext ? ", Context = true" : "")
            + (construct < 0 ? "" : $", Construct = {construct}")
            + (destroy < 0 ? "" : $", Destroy = {destroy}")
            + ")";
        Line("");
        Line($"[{head}]");
        if (ImportedTypes.IsCallback(node))
        {
            int call = node.Methods.ToList().FindIndex(method => method.Name == "call");
            WriteCallback(methods[call], call, name, hasContext);
            return;
        }

        IEnumerable<string> bases = node.Superclasses.Select(super => _types.NameOf(_nodes[super], []))
            .Concat(destroy < 0 ? [] : ["IDisposable"]);
        Line($"public interface {name}{(bases.Any() ? " : " + string.Join(", ", bases) : "")}");
        Line("{");
        bool isFirst = true;
        for (int i = 0; i < methods.Count; i++)
        {
            if (i == construct || i == destroy)
            {
                continue;
            }

            if (!isFirst)
            {
                Line("");
            }

            isFirst = false;
            string method = ImportedTypes.Pascal(node.Methods[i].Name);
            IReadOnlyList<string> lines = methods[i].Write(method == name ? method + "Method" : method, MakeException);
            if (methods[i].Obstacle is { } obstacle)
            {
                Line($"    // {node.Methods[i].Name} @{i}: a contract cannot have {obstacle}.");
                continue;
            }

            Line($"    [{MethodAttribute(methods[i], i, hasContext)}]");
            foreach (string line in lines)
            {
                Line("    " + line);
            }
        }

        Line("}");
    }

    private void WriteCallback(ImportedMethod call, int ordinal, string name, bool hasContext)
    {
        IReadOnlyList<string> lines = call.Write(name, MakeException);
        if (call.Obstacle is { } obstacle)
        {
            throw new InputException($"{name}: A contract cannot have {obstacle}, which its method 'call' uses.");
        }

        Line($"[{MethodAttribute(call, ordinal, hasContext)}]");
        foreach (string line in lines)
        {
            Line(line.StartsWith('[') || line.StartsWith(' ') ? line : "public delegate " + line);
        }
    }

    private static string MethodAttribute(ImportedMethod method, int ordinal, bool hasContext)
        => $"CapnpMethod({ordinal}"
            + (method.IsThreadMap ? ", ThreadMap = true"
                : method.Context == (hasContext ? 0 : -1) ? ""
                : $", Context = {method.Context}")
            + ")";

    private string MakeException(SchemaNode node)
    {
        if (!_exceptions.TryGetValue(node.Id, out string? name))
        {
            _exceptions.Add(node.Id, name = _types.Take(ImportedTypes.Pascal(node.Name) + "Exception"));
            _exceptionsToWrite.Enqueue((node, name));
        }

        return name;
    }

    private void Line(string line) => _text.Append(line).Append('\n');

    public static string Hex(ulong id) => "0x" + id.ToString("x16", CultureInfo.InvariantCulture);
}
