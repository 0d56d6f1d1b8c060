using System.Globalization;
using System.Text;
using Multiprocess.CapnProto.Tests.Support;
using Multiprocess.Generator.CapnProto;

namespace Multiprocess.CapnProto.Tests.Contracts;

/// <summary>The generator lays structs out as the compiler does: on structs made at random, each field
/// compared.</summary>
public sealed class LayoutTests
{
    // The types, and their sizes as powers of two in bits; -1 is a pointer, -2 nothing.
    private static readonly (string Name, int Size)[] s_types =
    [
        ("Void", -2), ("Bool", 0), ("Bool", 0), ("Int8", 3), ("UInt16", 4), ("Int32", 5), ("Float32", 5), ("UInt64", 6),
        ("Float64", 6), ("Text", -1), ("List(Int8)", -1),
    ];

    private string _folder = "";

    [SetUp]
    public void Create()
    {
        CapnpTool.Require();
        _folder = Directory.CreateTempSubdirectory("layout").FullName;
    }

    [TearDown]
    public void Delete()
    {
        if (_folder.Length > 0)
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    [TestCase(1, false, 2)]
    [TestCase(2, true, 160)]
    public void Fields_are_where_the_compiler_has_them(int seed, bool hasUnions, int files)
    {
        var random = new Random(seed);
        int compared = 0;
        for (int file = 0; file < files; file++)
        {
            // The compiler refuses the few structs that an old version of it has laid out in another way.
            Node[] structs = [.. Enumerable.Range(0, hasUnions ? 1 : 150).Select(
                i => MakeStruct($"S{i}", random, hasUnions))];
            if (Compile(structs) is { } schema)
            {
                compared += structs.Length;
                Compare(structs, schema);
            }
        }

        Assert.That(compared, Is.GreaterThan(30));
    }

    [Test]
    public void Field_without_a_value_begins_a_member_of_each_union_around_it()
    {
        // The second member of the outer union is the third field, so that its tag comes before that field.
        int ordinal = 0;
        Node Field(string name, string type, int size) => new(name, NodeKind.Field, size, type) { Ordinal = ordinal++ };
        var inner = new Node("inner", NodeKind.Union, 0, "");
        var outer = new Node("outer", NodeKind.Union, 0, "");
        var first = new Node("first", NodeKind.Union, 0, "");
        var made = new Node("Nested", NodeKind.Group, 0, "");
        first.Children.Add(Field("number", "UInt64", 6));
        inner.Children.Add(Field("nothing", "Void", -2));
        outer.Children.Add(inner);
        outer.Children.Add(Field("other", "UInt64", 6));
        outer.Children.Add(Field("small", "UInt16", 4));
        inner.Children.Add(Field("more", "Void", -2));
        first.Children.Add(outer);
        made.Children.Add(first);

        Compare([made], Compile([made])!);
    }

    private TestSchema? Compile(Node[] structs)
    {
        var text = new StringBuilder("@0xa1b2c3d4e5f60718;\n");
        foreach (Node made in structs)
        {
            text.Append(CultureInfo.InvariantCulture, $"struct {made.Name} {{\n");
            Write(made, text, "  ");
            text.Append("}\n");
        }

        string path = Path.Combine(_folder, "layout.capnp");
        File.WriteAllText(path, text.ToString());
        TestSchema? schema = TestSchema.TryCompile(path, out string complaints);
        Assert.That(complaints, Is.Empty.Or.Contains("issues/344"));
        return schema;
    }

    private static void Compare(Node[] structs, TestSchema schema)
    {
        foreach (Node made in structs)
        {
            var ours = new SortedDictionary<string, string>(StringComparer.Ordinal);
            Place(made, ours);
            var theirs = new SortedDictionary<string, string>(StringComparer.Ordinal);
            TestStruct compiled = schema.Struct(made.Name);
            theirs["size"] = $"{compiled.Size.DataWords} {compiled.Size.PointerCount}";
            Collect(schema, compiled, made.Name, theirs);

            Assert.That(ours, Is.EqualTo(theirs), () => Text(made));
        }
    }

    private static Node MakeStruct(string name, Random random, bool hasUnions)
    {
        int number = 0;
        var made = new Node(name, NodeKind.Group, 0, "");
        Fill(made, random, hasUnions, depth: 3, least: 1, ref number);
        List<Node> leaves = [.. made.Leaves()];
        int[] ordinals = [.. Enumerable.Range(0, leaves.Count)];
        random.Shuffle(ordinals);
        for (int i = 0; i < leaves.Count; i++)
        {
            leaves[i].Ordinal = ordinals[i];
        }

        return made;
    }

    private static void Fill(Node parent, Random random, bool hasUnions, int depth, int least, ref int number)
    {
        for (int i = random.Next(least, hasUnions ? 6 : 25); i > 0; i--)
        {
            string name = $"f{number++}";
            if (hasUnions && depth > 0 && random.Next(4) == 0)
            {
                bool isUnion = random.Next(2) == 0;
                var inner = new Node(name, isUnion ? NodeKind.Union : NodeKind.Group, 0, "");
                Fill(inner, random, hasUnions, depth - 1, isUnion ? 2 : 1, ref number);
                parent.Children.Add(inner);
            }
            else
            {
                (string type, int size) = s_types[random.Next(s_types.Length)];
                parent.Children.Add(new Node(name, NodeKind.Field, size, type));
            }
        }
    }

    private static string Text(Node made)
    {
        var text = new StringBuilder();
        Write(made, text, "");
        return text.ToString();
    }

    private static void Write(Node parent, StringBuilder text, string indent)
    {
        foreach (Node child in parent.Children)
        {
            if (child.Kind == NodeKind.Field)
            {
                text.Append(CultureInfo.InvariantCulture, $"{indent}{child.Name} @{child.Ordinal} :{child.Type};\n");
                continue;
            }

            string kind = child.Kind == NodeKind.Union ? "union" : "group";
            text.Append(CultureInfo.InvariantCulture, $"{indent}{child.Name} :{kind} {{\n");
            Write(child, text, indent + "  ");
            text.Append(CultureInfo.InvariantCulture, $"{indent}}}\n");
        }
    }

    // In the order of the ordinals, wherever in the struct a field is.
    private static void Place(Node made, SortedDictionary<string, string> places)
    {
        var layout = new StructLayout();
        var spaces = new Dictionary<Node, FieldSpace>();
        var unions = new Dictionary<string, UnionLayout>();
        FindSpaces(made, layout, spaces, unions);
        foreach (Node field in made.Leaves().OrderBy(leaf => leaf.Ordinal))
        {
            FieldSpace space = spaces[field];
            if (field.Size == -2)
            {
                space.AddVoid();
                places[field.Name] = "0";
            }
            else
            {
                int place = field.Size < 0 ? space.AddPointer() : space.AddData(field.Size);
                places[field.Name] = place.ToString(CultureInfo.InvariantCulture);
            }
        }

        foreach ((string name, UnionLayout union) in unions)
        {
            places[name + " union"] = union.Discriminant!.Value.ToString(CultureInfo.InvariantCulture);
        }

        places["size"] = $"{layout.DataWords} {layout.PointerCount}";
    }

    private static void FindSpaces(
        Node parent, FieldSpace space, Dictionary<Node, FieldSpace> spaces, Dictionary<string, UnionLayout> unions)
    {
        foreach (Node child in parent.Children)
        {
            switch (child.Kind)
            {
                case NodeKind.Field:
                    spaces[child] = space;
                    break;
                case NodeKind.Group:
                    FindSpaces(child, space, spaces, unions);
                    break;
                default:
                    var union = unions[child.Name] = new UnionLayout(space);
                    foreach (Node member in child.Children)
                    {
                        var alone = new Node("", NodeKind.Group, 0, "");
                        alone.Children.Add(member);
                        FindSpaces(alone, union.AddMember(), spaces, unions);
                    }

                    break;
            }
        }
    }

    private static void Collect(
        TestSchema schema, TestStruct node, string name, SortedDictionary<string, string> places)
    {
        if (node.DiscriminantCount > 0)
        {
            places[name + " union"] = node.DiscriminantOffset.ToString(CultureInfo.InvariantCulture);
        }

        foreach (TestField field in node.Fields)
        {
            if (field.Group is { } group)
            {
                Collect(schema, schema.Struct(group), field.Name, places);
            }
            else
            {
                places[field.Name] = field.Offset.ToString(CultureInfo.InvariantCulture);
            }
        }
    }

    private enum NodeKind
    {
        Field,
        Group,
        Union,
    }

    private sealed class Node(string name, NodeKind kind, int size, string type)
    {
        public string Name => name;

        public NodeKind Kind => kind;

        public int Size => size;

        public string Type => type;

        public int Ordinal { get; set; }

        public List<Node> Children { get; } = [];

        public IEnumerable<Node> Leaves()
            => Kind == NodeKind.Field ? [this] : Children.SelectMany(child => child.Leaves());
    }
}
