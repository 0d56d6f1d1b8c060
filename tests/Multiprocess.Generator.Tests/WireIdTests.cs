using Multiprocess.Generator.Model;
using Multiprocess.Generator.Parsing;
using Multiprocess.Generator.Tests.Harness;

namespace Multiprocess.Generator.Tests;

/// <summary>Ids are promises to peers of other versions: what they depend on, and on what not.</summary>
public sealed class WireIdTests
{
    [TestCase("", 2166136261u)]
    [TestCase("a", 0xE40C292Cu)]
    [TestCase("foobar", 0xBF9CF968u)]
    [TestCase("ä", 0x199DE0E2u)]
    public void Signature_is_hashed_with_FNV_1a_over_UTF_8(string text, uint expected)
    {
        Assert.That(WireIds.OfSignature(text), Is.EqualTo(expected));
    }

    [Test]
    public void Fingerprint_does_not_depend_on_order_but_on_what_the_types_are()
    {
        string order = Fingerprint("void A(Person x); void B(string y);", "int Age");

        Assert.That(Fingerprint("void B(string? z); void A(Person other);", "int Age"), Is.EqualTo(order));
        Assert.That(Fingerprint("void A(Person x); void B(string y); void C();", "int Age"), Is.Not.EqualTo(order));
        Assert.That(Fingerprint("void A(Person x); void B(string y);", "long Age"), Is.Not.EqualTo(order));
    }

    [TestCase("int Add(int a, int b);", "Add(System.Int32,System.Int32):System.Int32")]
    [TestCase("void Run();", "Run():System.Void")]
    [TestCase("void Run(System.Threading.CancellationToken token);", "Run():System.Void")]
    [TestCase(
        "bool TryGet(ref int a, out string? b, in long c);",
        "TryGet(ref System.Int32,out System.String,System.Int64):System.Boolean")]
    [TestCase("Person? Find(Person like);", "Find(Demo.Person):Demo.Person")]
    [TestCase(
        "void Take(int? a, (int X, int Y) b);",
        "Take(System.Int32?,System.ValueTuple<System.Int32, System.Int32>):System.Void")]
    [TestCase(
        "System.Threading.Tasks.Task<int[]> GetAsync(params string[] a);",
        "GetAsync(System.String[]):System.Threading.Tasks.Task<System.Int32[]>")]
    public void Id_is_the_hash_of_name_and_full_type_names(string declaration, string signature)
    {
        Assert.That(Calls(declaration).Single().Id, Is.EqualTo(WireIds.OfSignature(signature)));
    }

    [Test]
    public void Accessors_are_hashed_as_the_methods_they_are()
    {
        var calls = Calls("int Size { get; set; } event System.Action Changed;");

        Assert.That(calls.Select(call => call.Id), Is.EqualTo(new[]
        {
            WireIds.OfSignature("get_Size():System.Int32"),
            WireIds.OfSignature("set_Size(System.Int32):System.Void"),
            WireIds.OfSignature("add_Changed(System.Action):System.Void"),
            WireIds.OfSignature("remove_Changed(System.Action):System.Void"),
        }));
    }

    [Test]
    public void Names_of_parameters_and_order_of_methods_do_not_matter()
    {
        var before = Calls("void A(int x); void B(string y);").Select(call => call.Id);
        var after = Calls("void B(string renamed); void New(); void A(int other);").Select(call => call.Id);

        Assert.That(before, Is.SubsetOf(after));
    }

    [Test]
    public void Given_id_stands_and_the_second_accessor_has_the_next_one()
    {
        var calls = Calls(
            "[Multiprocess.IpcMethod(7)] void Run(); [Multiprocess.IpcMethod(10)] int Size { get; set; } int Width { "
                + "[Multiprocess.IpcMethod(20)] get; }");

        Assert.That(calls.Select(call => call.Id), Is.EqualTo(new uint[] { 7, 10, 11, 20 }));
    }

    [Test]
    public void Members_of_two_base_interfaces_with_one_signature_have_ids_of_their_own()
    {
        var calls = Calls(
            "void Own();", "public interface IA { void Reset(); } public interface IB { void Reset(); }", " : IA, IB");

        Assert.That(calls.Select(call => call.Id), Is.EqualTo(new[]
        {
            WireIds.OfSignature("Own():System.Void"),
            WireIds.OfSignature("Demo.IA.Reset():System.Void"),
            WireIds.OfSignature("Demo.IB.Reset():System.Void"),
        }));
    }

    [Test]
    public void Whether_a_reference_may_be_null_does_not_matter()
    {
        var strict = Calls(
            "string Name { get; set; } System.Collections.Generic.List<string> List(Person[] a);").Select(call
                => call.Id);
        var loose = Calls(
            "string? Name { get; set; } System.Collections.Generic.List<string?>? List(Person?[]? b);").Select(call
                => call.Id);

        Assert.That(loose, Is.EqualTo(strict));
        Assert.That(Calls("void Take(int? a);").Single().Id, Is.Not.EqualTo(Calls("void Take(int a);").Single().Id));
    }

    private static List<CallModel> Calls(string members, string others = "", string bases = "")
        => [.. Parse(members, "int Age", others, bases).Members.SelectMany(member => member.Calls)];

    private static string Fingerprint(string members, string person)
        => Parse(members, person, "", "").Fingerprint.ToString(
            "X16", System.Globalization.CultureInfo.InvariantCulture);

    private static ContractModel Parse(string members, string person, string others, string bases)
    {
        var compilation = GeneratorRun.Compile(
            $"namespace Demo; public record Person({person}); {others} [Multiprocess.IpcInterface] public interface "
                + $"IContract{bases} {{ {members} }}");
        var file = FileParser.Parse(
            compilation.GetTypeByMetadataName("Demo.IContract")!, compilation, CancellationToken.None);
        Assert.That(file.Errors, Is.Empty);
        return file.Contract!;
    }
}
