using Multiprocess.CapnProto;
using Multiprocess.CapnProto.Messages;

namespace Multiprocess.Tool.Schemas;

/// <summary>
/// Reads what Cap'n Proto's compiler gives to the generators of code: its CodeGeneratorRequest. Offsets are those of
/// the compiler's own schema.
/// </summary>
internal sealed class SchemaReader
{
    private static readonly CapnpLimits s_limits = new() { MaxTraversalWords = 64 * 1024 * 1024 };

    /// <summary>All declarations, by their ids, and the ids of the files that were asked for.</summary>
    /// <exception cref="IpcProtocolException">The bytes are no such request.</exception>
    public static (IReadOnlyDictionary<ulong, SchemaNode> Nodes, IReadOnlyList<ulong> Files) Read(byte[] request)
    {
        CapnpStructReader root = CapnpMessage.Read(request, s_limits).Root.ReadStruct();
        var nodes = new Dictionary<ulong, SchemaNode>();
        foreach (CapnpStructReader node in Structs(root.Pointer(0)))
        {
            SchemaNode read = ReadNode(node);
            nodes[read.Id] = read;
        }

        return (nodes, [.. Structs(root.Pointer(1)).Select(file => file.ReadUInt64(0))]);
    }

    private static SchemaNode ReadNode(CapnpStructReader node)
    {
        string display = node.Pointer(0).ReadText() ?? "";
        var kind = (NodeKind)node.ReadUInt16(6);
        var read = new SchemaNode(
            node.ReadUInt64(0), display[Math.Min(display.Length, (int)node.ReadUInt32(2))..], node.ReadUInt64(2), kind)
        {
            Nested = [.. Structs(node.Pointer(1)).Select(nested => nested.ReadUInt64(0))],
            Annotations = Annotations(node.Pointer(2)),
            Parameters = [.. Structs(node.Pointer(5)).Select(parameter => parameter.Pointer(0).ReadText() ?? "")],
        };
        return kind switch
        {
            NodeKind.Struct => read with
            {
                DataWords = node.ReadUInt16(7),
                PointerCount = node.ReadUInt16(12),
                IsGroup = node.ReadBool(224),
                HasUnion = node.ReadUInt16(15) != 0,
                TagOffset = node.ReadUInt32(8),
                Fields = [.. Structs(node.Pointer(3)).Select(ReadField)],
            },
            NodeKind.Enum => read with
            {
                Enumerants = [.. Structs(node.Pointer(3)).Select(value => value.Pointer(0).ReadText() ?? "")],
            },
            NodeKind.Interface => read with
            {
                Methods = [.. Structs(node.Pointer(3)).Select(method => new SchemaMethod(
                    method.Pointer(0).ReadText() ?? "", method.ReadUInt64(1), method.ReadUInt64(2)))],
                Superclasses = [.. Structs(node.Pointer(4)).Select(super => super.ReadUInt64(0))],
            },
            _ => read,
        };
    }

    private static SchemaField ReadField(CapnpStructReader field)
    {
        string name = field.Pointer(0).ReadText() ?? "";
        bool isSlot = field.ReadUInt16(4) == 0;
        object? value = null;
        bool hasOther = false;
        if (isSlot && field.ReadBool(128))
        {
            value = ReadNumber(field.Pointer(3).ReadStruct(), out hasOther);
        }

        return new(
            name,
            isSlot ? ReadType(field.Pointer(2).ReadStruct()) : null,
            isSlot ? field.ReadUInt32(1) : 0,
            value,
            hasOther)
        {
            Group = isSlot ? 0 : field.ReadUInt64(2),
            Case = field.ReadUInt16(1, ushort.MaxValue) is var tag && tag == ushort.MaxValue ? -1 : tag,
            Ordinal = field.ReadUInt16(5) == 1 ? field.ReadUInt16(6) : -1,
            Annotations = Annotations(field.Pointer(1)),
        };
    }

    private static object? ReadNumber(CapnpStructReader value, out bool isOther)
    {
        isOther = false;
        switch ((TypeKind)value.ReadUInt16(0))
        {
            case TypeKind.Bool: return value.ReadBool(16);
            case TypeKind.Int8: return (long)value.ReadSByte(2);
            case TypeKind.Int16: return (long)value.ReadInt16(1);
            case TypeKind.Int32: return (long)value.ReadInt32(1);
            case TypeKind.Int64: return value.ReadInt64(1);
            case TypeKind.UInt8: return (ulong)value.ReadByte(2);
            case TypeKind.UInt16: return (ulong)value.ReadUInt16(1);
            case TypeKind.UInt32: return (ulong)value.ReadUInt32(1);
            case TypeKind.UInt64: return value.ReadUInt64(1);
            case TypeKind.Float32: return value.ReadSingle(1);
            case TypeKind.Float64: return value.ReadDouble(1);
            case TypeKind.Enum: return (ulong)value.ReadUInt16(1);
            default:
                isOther = true;
                return null;
        }
    }

    private static SchemaType ReadType(CapnpStructReader type)
    {
        var kind = (TypeKind)type.ReadUInt16(0);
        switch (kind)
        {
            case TypeKind.List:
                return new(kind) { Element = ReadType(type.Pointer(0).ReadStruct()) };
            case TypeKind.Enum or TypeKind.Struct or TypeKind.Interface:
                ulong id = type.ReadUInt64(1);
                return new(kind, id) { Arguments = ReadBrand(type.Pointer(0), id) };
            case TypeKind.AnyPointer when type.ReadUInt16(4) == 1:
                return new(kind, type.ReadUInt64(2)) { Parameter = type.ReadUInt16(5) };
            case TypeKind.AnyPointer:
                return new(kind) { IsAnyCapability = type.ReadUInt16(4) == 0 && type.ReadUInt16(5) == 3 };
            default:
                return new(kind);
        }
    }

    private static List<SchemaType?> ReadBrand(CapnpPointerReader brand, ulong id)
    {
        foreach (CapnpStructReader scope in Structs(brand.ReadStruct().Pointer(0)))
        {
            if (scope.ReadUInt64(0) == id && scope.ReadUInt16(4) == 0)
            {
                return [.. Structs(scope.Pointer(0)).Select(
                    binding => binding.ReadUInt16(0) == 1 ? ReadType(binding.Pointer(0).ReadStruct()) : null)];
            }
        }

        return [];
    }

    private static List<SchemaAnnotation> Annotations(CapnpPointerReader pointer)
    {
        var all = new List<SchemaAnnotation>();
        foreach (CapnpStructReader annotation in Structs(pointer))
        {
            CapnpStructReader value = annotation.Pointer(0).ReadStruct();
            string text = (TypeKind)value.ReadUInt16(0) == TypeKind.Text ? value.Pointer(0).ReadText() ?? "" : "";
            all.Add(new(annotation.ReadUInt64(0), text));
        }

        return all;
    }

    private static List<CapnpStructReader> Structs(CapnpPointerReader pointer)
    {
        var all = new List<CapnpStructReader>();
        CapnpListReader list = pointer.ReadList(CapnpElementSize.Composite);
        for (int i = 0; i < list.Count; i++)
        {
            all.Add(list.Struct(i));
        }

        return all;
    }
}
