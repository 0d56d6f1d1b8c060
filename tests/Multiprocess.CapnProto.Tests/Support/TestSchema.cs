using Multiprocess.CapnProto.Messages;

namespace Multiprocess.CapnProto.Tests.Support;

/// <summary>The structs of a schema file, as the compiler has laid them out.</summary>
internal sealed class TestSchema
{
    private readonly Dictionary<ulong, TestStruct> _structs = [];
    private readonly Dictionary<ulong, int> _enums = [];
    private readonly Dictionary<string, ulong> _names = [];
    private readonly CapnpMessage _request;

    private TestSchema(byte[] request)
    {
        _request = CapnpMessage.Read(request);
        CapnpListReader nodes = _request.Root.ReadStruct().Pointer(0).ReadList(CapnpElementSize.Composite);
        for (int i = 0; i < nodes.Count; i++)
        {
            Add(nodes.Struct(i));
        }
    }

    /// <summary>Gives a file to the compiler.</summary>
    public static TestSchema Compile(string path) => new(CapnpTool.Run(default, "compile", "-o-", path));

    /// <summary>Gives a file to the compiler, which may refuse it.</summary>
    public static TestSchema? TryCompile(string path, out string complaints)
    {
        byte[] request = CapnpTool.Run(default, ["compile", "-o-", path], out complaints);
        return complaints.Length == 0 ? new(request) : null;
    }

    public TestStruct Struct(string name) => _structs[_names[name]];

    public TestStruct Struct(ulong id) => _structs[id];

    /// <summary>The number of enumerants.</summary>
    public int Enumerants(ulong id) => _enums[id];

    private void Add(CapnpStructReader node)
    {
        ulong id = node.ReadUInt64(0);
        string name = node.Pointer(0).ReadText()!;
        _names[name[(name.LastIndexOf(':') + 1)..]] = id;
        switch (node.ReadUInt16(6))
        {
            case 1:
                _structs[id] = new(
                    name,
                    new(node.ReadUInt16(7), node.ReadUInt16(12)),
                    node.ReadUInt16(15),
                    node.ReadUInt32(8),
                    Fields(node.Pointer(3).ReadList(CapnpElementSize.Composite)));
                break;
            case 2:
                _enums[id] = node.Pointer(3).ReadList(CapnpElementSize.Composite).Count;
                break;
        }
    }

    private static List<TestField> Fields(CapnpListReader fields)
    {
        var found = new List<TestField>();
        for (int i = 0; i < fields.Count; i++)
        {
            CapnpStructReader field = fields.Struct(i);
            bool isGroup = field.ReadUInt16(4) == 1;
            found.Add(new(
                field.Pointer(0).ReadText()!,
                field.ReadUInt16(1, 65535),
                isGroup ? field.ReadUInt64(2) : null,
                field.ReadUInt32(1),
                isGroup ? null : TestType.Read(field.Pointer(2).ReadStruct()),
                field.Pointer(3).ReadStruct()));
        }

        return found;
    }
}

/// <param name="Name">The full name.</param>
/// <param name="Size">The layout's size.</param>
/// <param name="DiscriminantCount">The members of the union in the struct; 0 if it has none.</param>
/// <param name="DiscriminantOffset">Where the number of the union's member is, in units of 16 bits.</param>
/// <param name="Fields">In the order of their ordinals.</param>
internal sealed record TestStruct(
    string Name, CapnpStructSize Size, int DiscriminantCount, uint DiscriminantOffset, IReadOnlyList<TestField> Fields);

/// <param name="Name">The name.</param>
/// <param name="Discriminant">The number in the union, or 65535.</param>
/// <param name="Group">The group that the field is, or null.</param>
/// <param name="Offset">The offset in units of the field's size.</param>
/// <param name="Type">The type; null for a group.</param>
/// <param name="Default">The default value, a <c>Value</c> of the schema.</param>
internal sealed record TestField(
    string Name, ushort Discriminant, ulong? Group, uint Offset, TestType? Type, CapnpStructReader Default)
{
    public bool IsInUnion => Discriminant != 65535;
}

/// <param name="Kind">The number of the type in the schema of schemas.</param>
/// <param name="Id">The enum or struct.</param>
/// <param name="Element">What a list has.</param>
/// <param name="Parameter">The index of the type parameter that the type is, or -1.</param>
/// <param name="Arguments">What the parameters of a generic struct are.</param>
internal sealed record TestType(
    TestKind Kind, ulong Id, TestType? Element, int Parameter, IReadOnlyList<TestType> Arguments)
{
    public static TestType Read(CapnpStructReader type)
    {
        var kind = (TestKind)type.ReadUInt16(0);
        bool isParameter = kind == TestKind.AnyPointer && type.ReadUInt16(4) == 1;
        return new(
            kind,
            type.ReadUInt64(1),
            kind == TestKind.List ? Read(type.Pointer(0).ReadStruct()) : null,
            isParameter ? type.ReadUInt16(5) : -1,
            kind == TestKind.Struct ? Brand(type.Pointer(0).ReadStruct()) : []);
    }

    private static List<TestType> Brand(CapnpStructReader brand)
    {
        var arguments = new List<TestType>();
        CapnpListReader scopes = brand.Pointer(0).ReadList();
        for (int i = 0; i < scopes.Count; i++)
        {
            CapnpListReader bindings = scopes.Struct(i).Pointer(0).ReadList();
            for (int j = 0; j < bindings.Count; j++)
            {
                arguments.Add(Read(bindings.Struct(j).Pointer(0).ReadStruct()));
            }
        }

        return arguments;
    }
}

/// <summary>The types, by their numbers in the schema of schemas.</summary>
internal enum TestKind
{
    Void,
    Bool,
    Int8,
    Int16,
    Int32,
    Int64,
    UInt8,
    UInt16,
    UInt32,
    UInt64,
    Float32,
    Float64,
    Text,
    Data,
    List,
    Enum,
    Struct,
    Interface,
    AnyPointer,
}
