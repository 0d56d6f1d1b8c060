using System.Globalization;
using Multiprocess.Contracts.Tool;
using Multiprocess.Generator.Baselines;
using Multiprocess.Generator.Tests.Harness;

namespace Multiprocess.Generator.Tests.Baselines;

/// <summary>
/// A contract against its committed baseline: a break is an error at the changed token, an addition asks for an update.
/// </summary>
public sealed class BaselineTests
{
    private const string Usings =
        "using System; using System.Collections.Generic; using System.Threading.Tasks; using Multiprocess; namespace "
            + "Demo; ";
    private const string Service = " [IpcInterface] public interface IService { void Take(Value value); }";

    private static IEnumerable<TestCaseData> Cases()
    {
        yield return Case(
            "nothing changed",
            "[IpcInterface] public interface IService { void A(int x); }",
            "[IpcInterface] public interface IService { void A(int y); }");
        yield return Case(
            "a moved method",
            "[IpcInterface] public interface IService { void A(); void B(); }",
            "[IpcInterface] public interface IService { void B(); void A(); }");
        yield return Case(
            "null that a parameter now admits",
            "[IpcInterface] public interface IService { void A(string x); }",
            "[IpcInterface] public interface IService { void {|MP0023:A|}(string? x); }",
            "A(System.String):System.Void', got",
            "A(System.String?):System.Void'; peers of the earlier version refuse the null that may now be sent to "
                + "them; keep");
        yield return Case(
            "null that a parameter no longer admits",
            "[IpcInterface] public interface IService { void A(string? x); }",
            "[IpcInterface] public interface IService { void {|MP0023:A|}(string x); }",
            "A(System.String?):System.Void', got",
            "A(System.String):System.Void'; the null that peers of the earlier version may send is refused; keep");
        yield return Case(
            "null in two directions",
            "[IpcInterface] public interface IService { string? A(string x); }",
            "[IpcInterface] public interface IService { string {|MP0023:A|}(string? x); }",
            "may now be sent to them, and the null that peers of the earlier version may send is refused");
        yield return Case(
            "null in a result",
            "[IpcInterface] public interface IService { Task<string> A(); }",
            "[IpcInterface] public interface IService { Task<string?> {|MP0023:A|}(); }",
            "Task<System.String>'",
            "Task<System.String?>'");
        yield return Case(
            "null in a list",
            "[IpcInterface] public interface IService { List<string> A { get; set; } }",
            "[IpcInterface] public interface IService { List<string?> {|MP0023:A|} { get; set; } }",
            "List<System.String?>'");
        yield return Case(
            "null in arrays",
            "[IpcInterface] public interface IService { void A(string[][,] x); }",
            "[IpcInterface] public interface IService { void {|MP0023:A|}(string[][,]? x); }",
            "A(System.String[][,]):",
            "A(System.String[][,]?):");
        yield return Case(
            "null between arrays",
            "[IpcInterface] public interface IService { void A(out string[][] x); }",
            "[IpcInterface] public interface IService { void {|MP0023:A|}(out string?[]?[] x); }",
            "A(out System.String[][]):",
            "A(out System.String?[]?[]):");
        yield return Case(
            "null in a tuple",
            "[IpcInterface] public interface IService { (int, string)? A(); }",
            "[IpcInterface] public interface IService { (int, string?)? {|MP0023:A|}(); }",
            "System.ValueTuple<System.Int32, System.String?>?'");
        yield return Case(
            "null of a callback",
            "[IpcInterface] public interface IService { void A(Action x); }",
            "[IpcInterface] public interface IService { void {|MP0023:A|}(Action? x); }",
            "System.Action?");
        yield return Case(
            "null in the arguments of a delegate, which lets it through",
            "[IpcInterface] public interface IService { void A(Func<string, List<string>> x, IProgress<string> y); }",
            "[IpcInterface] public interface IService { void A(Func<string?, List<string?>> x, IProgress<string?> y); "
                + "}");
        yield return Case(
            "null by an attribute",
            "[IpcInterface] public interface IService { string A(string x); }",
            "[IpcInterface] public interface IService { [return: System.Diagnostics.CodeAnalysis.MaybeNull] string "
                + "{|MP0023:A|}([System.Diagnostics.CodeAnalysis.AllowNull] string x); }",
            "A(System.String?):System.String?'");
        yield return Case(
            "null of a handler, which is no value",
            "[IpcInterface] public interface IService { event Action A; }",
            "[IpcInterface] public interface IService { event Action? A; }");
        yield return Case(
            "null under a given id",
            "[IpcInterface] public interface IService { [IpcMethod(7)] void A(string x); void A(int? x); }",
            "[IpcInterface] public interface IService { [IpcMethod(7)] void {|MP0023:A|}(string? x); void A(int? x); }",
            "'00000007 A(System.String?):System.Void'");
        yield return Case(
            "null where nothing was said of it",
            "\n#nullable disable\n[IpcInterface] public interface IService { Task<string> A(string x); }",
            "\n#nullable enable\n[IpcInterface] public interface IService { Task<string?> {|MP0023:A|}(string x); }",
            "A(System.String?):System.Threading.Tasks.Task<System.String?>'",
            "A(System.String):System.Threading.Tasks.Task<System.String?>'; the null that");
        yield return Case(
            "null that a member now admits",
            "public record Value(string X, string Y);" + Service,
            "public record Value(string? {|MP0023:X|}, string? {|MP0023:Y|});" + Service,
            "'X: System.String'",
            "'Y: System.String? = default'; peers of the earlier version refuse the null that may now be sent to them; "
                + "keep the old element and add");
        yield return Case(
            "null in a type's own argument",
            "public class Value { public List<string>? X { get; set; } public Page<string>? Y { get; set; } } public "
                + "record Page<T>(T Z);"
                + Service,
            "public class Value { public List<string?>? {|MP0023:X|} { get; set; } public Page<string?>? {|MP0023:Y|} "
                + "{ get; set; } } public record Page<T>(T {|MP0024:Z|});"
                + Service,
            "'Y: Demo.Page<System.String?>? = default'");
        yield return Case(
            "null of a type parameter",
            "public record Page<T>(T Z) where T : class; [IpcInterface] public interface IService { Page<string> A(); "
                + "}",
            "public record Page<T>(T? {|MP0023:Z|}) where T : class; [IpcInterface] public interface IService { "
                + "Page<string> A(); }",
            "'Z: System.String? = default'");
        yield return Case(
            "null of a member by key",
            "[MessagePack.MessagePackObject] public class Value { [MessagePack.Key(1)] public string X { get; set; } = "
                + "\"\"; }"
                + Service,
            "[MessagePack.MessagePackObject] public class Value { [MessagePack.Key(1)] public string? {|MP0023:X|} { "
                + "get; set; } }"
                + Service,
            "'1 X: System.String? = default'");
        yield return Case(
            "null of a member by name",
            "[MessagePack.MessagePackObject] public class Value { [MessagePack.Key(\"x\")] public string X { get; set; "
                + "} = \"\"; }"
                + Service,
            "[MessagePack.MessagePackObject] public class Value { [MessagePack.Key(\"x\")] public string? {|MP0023:X|} "
                + "{ get; set; } }"
                + Service,
            "'\"x\": System.String? = default'");
        yield return Case(
            "null in a closed contract",
            "[IpcInterface] public interface IStore<T> { T Get(); } [IpcInterface] public interface IService { "
                + "IStore<string> A(); }",
            "[IpcInterface] public interface IStore<T> { T Get(); } [IpcInterface] public interface IService { "
                + "IStore<string?> {|MP0023:A|}(); }",
            "Demo.IStore<System.String?>'");
        yield return Case(
            "null of a closed contract",
            "[IpcInterface] public interface IStore<T> where T : class { T Get(); } [IpcInterface] public interface "
                + "IService { IStore<string> A(); }",
            "[IpcInterface] public interface IStore<T> where T : class { T? Get(); } [IpcInterface] public interface "
                + "{|MP0023:IService|} { IStore<string> A(); }",
            "Get():System.String?'");
        yield return Case(
            "closings that differ in null alone",
            "public record Page<T>(T Z); [IpcInterface] public interface IStore<T> { T Get(); } [IpcInterface] public "
                + "interface IService { IStore<string> A(); IStore<string?> B(); void C(Page<string> x, Page<string?> "
                + "y); }",
            "public record Page<T>(T Z); [IpcInterface] public interface IStore<T> { T Get(); } [IpcInterface] public "
                + "interface IService { void C(Page<string> x, Page<string?> y); IStore<string?> B(); IStore<string> "
                + "A(); }");
        yield return Case(
            "a removed method",
            "[IpcInterface] public interface IService { void A(); void B(); }",
            "[IpcInterface] public interface {|MP0023:IService|} { void A(); }",
            "method 'B' of 'Demo.IService'",
            "none");
        yield return Case(
            "a changed parameter",
            "[IpcInterface] public interface IService { void A(int x); }",
            "[IpcInterface] public interface IService { void {|MP0023:A|}(long x); }",
            "A(System.Int32):System.Void'",
            "A(System.Int64):System.Void'",
            addition: "A");
        yield return Case(
            "a changed property",
            "[IpcInterface] public interface IService { int Size { get; } }",
            "[IpcInterface] public interface IService { long {|MP0023:Size|} { get; } }",
            "get_Size():System.Int32'",
            "get_Size():System.Int64'",
            addition: "Size");
        yield return Case(
            "a setter taken away",
            "[IpcInterface] public interface IService { int Size { get; set; } }",
            "[IpcInterface] public interface {|MP0023:IService|} { int Size { get; } }",
            "set_Size");
        yield return Case(
            "a changed event",
            "[IpcInterface] public interface IService { event Action Done; }",
            "[IpcInterface] public interface IService { event Action<int> {|MP0023:Done|}; }",
            "add_Done",
            addition: "Done");
        yield return Case(
            "a changed type under a given id",
            "[IpcInterface] public interface IService { [IpcMethod(7)] void A(int x); }",
            "[IpcInterface] public interface IService { [IpcMethod(7)] void {|MP0023:A|}(long x); }",
            "'00000007 A(System.Int32):System.Void'",
            "'00000007 A(System.Int64):System.Void'");
        yield return Case(
            "a method of a base",
            "public interface IBase { void B(); } [IpcInterface] public interface IService : IBase { void A(); }",
            "public interface IBase { void B(int x); } [IpcInterface] public interface IService : IBase { void A(); }"
                .Replace("void B(", "void {|MP0023:B|}("),
            "B():System.Void'",
            addition: "B");
        yield return Case(
            "an added method",
            "[IpcInterface] public interface IService { void A(); }",
            "[IpcInterface] public interface IService { void {|MP0024:B|}(); void A(); }",
            "method 'B' of 'Demo.IService'",
            "MultiprocessUpdateBaseline=true");
        yield return Case(
            "an added contract",
            "[IpcInterface] public interface IService { void A(); }",
            "[IpcInterface] public interface IService { void A(); } [IpcInterface] public interface {|MP0024:IOther|} "
                + "{ void A(); }",
            "interface 'Demo.IOther'");
        yield return Case(
            "an added type",
            "[IpcInterface] public interface IService { void A(); }",
            "public record {|MP0024:Value|}(int X); [IpcInterface] public interface IService { void A(); void "
                + "{|MP0024:B|}(Value x); }");
        yield return Case(
            "an added member",
            "public record Value(int X);" + Service,
            "public record Value(int X, int {|MP0024:Y|} = 1);" + Service,
            "member 'Y' of 'Demo.Value'");
        yield return Case(
            "an added member without default",
            "public record Value(int X);" + Service,
            "public record Value(int X, string {|MP0023:Y|});" + Service,
            "member 'Y' of 'Demo.Value'",
            "none",
            "'Y: System.String'");
        yield return Case(
            "a removed member",
            "public record Value(int X, int Y);" + Service,
            "public record {|MP0023:Value|}(int X);" + Service,
            "member 'Y' of 'Demo.Value'");
        yield return Case(
            "a changed member",
            "public class Value { public int X { get; set; } public int Y { get; set; } }" + Service,
            "public class Value { public int X { get; set; } public long {|MP0023:Y|} { get; set; } }" + Service,
            "'Y: System.Int32 = default'",
            "'Y: System.Int64 = default'");
        yield return Case(
            "reordered members",
            "public record Value(int X, int Y);" + Service,
            "public record Value(int {|MP0023:Y|}, int X);" + Service,
            "'X: System.Int32 = default'",
            "'Y: System.Int32 = default'");
        yield return Case(
            "a member of a base class",
            "public class Base { public int X { get; set; } } public class Value : Base;" + Service,
            "public class Base { public long {|MP0023:X|} { get; set; } } public class Value : Base;" + Service);
        yield return Case(
            "a lost default",
            "public record Value(string? X);" + Service,
            "public record Value(string {|MP0023:X|});" + Service,
            "'X: System.String? = default'",
            "'X: System.String'; the null that peers of the earlier version may send is refused");
        yield return Case(
            "a changed enum value",
            "public enum Value { A, B }" + Service,
            "public enum Value { A, {|MP0023:B|} = 2 }" + Service,
            "'B = 1'",
            "'B = 2'");
        yield return Case(
            "a removed enum value",
            "public enum Value { A, B }" + Service,
            "public enum {|MP0023:Value|} { A }" + Service,
            "value 'B' of 'Demo.Value'");
        yield return Case(
            "an added enum value",
            "public enum Value { A }" + Service,
            "public enum Value { A, {|MP0024:B|} }" + Service);
        yield return Case(
            "another underlying type",
            "public enum Value { A }" + Service,
            "public enum {|MP0023:Value|} : byte { A }" + Service,
            "'enum Demo.Value: System.Int32'",
            "'enum Demo.Value: System.Byte'");
        yield return Case(
            "a record that became an enum",
            "public record Value(int X);" + Service,
            "public enum {|MP0023:Value|} { A }" + Service,
            "'record Demo.Value'");
        yield return Case(
            "a removed case",
            "public record A(int X) : Value; public record B(int X) : Value; [IpcUnion(1, typeof(A)), IpcUnion(2, "
                + "typeof(B))] public abstract record Value;"
                + Service,
            "public record A(int X) : Value; [IpcUnion(1, typeof(A))] public abstract record {|MP0023:Value|};"
                + Service,
            "'2: Demo.B'",
            gone: "Demo.B");
        yield return Case(
            "an added case",
            "public record A(int X) : Value; [IpcUnion(1, typeof(A))] public abstract record Value;" + Service,
            "public record A(int X) : Value; public record {|MP0024:B|}(int X) : Value; [IpcUnion(1, typeof(A)), "
                + "IpcUnion(2, typeof(B))] public abstract record {|MP0024:Value|};"
                + Service);
        yield return Case(
            "a closed generic contract",
            "[IpcInterface] public interface IStore<T> { T Get(); } [IpcInterface] public interface IService { "
                + "IStore<int> A { get; } }",
            "[IpcInterface] public interface IStore<T> { T Get(int x); } [IpcInterface] public interface "
                + "{|MP0023:IService|} { IStore<int> A { get; } }",
            "'Demo.IStore<System.Int32>'",
            addition: "IService");
        yield return Case(
            "a member of a fault",
            "[IpcFault] public class Broken(int code) : Exception { public int Code => code; }"
                + Service
                + " public record Value(int X);",
            "[IpcFault] public class Broken(long code) : Exception { public long {|MP0023:Code|} => code; }"
                + Service
                + " public record Value(int X);");
        yield return Case(
            "a removed contract",
            "[IpcInterface] public interface IService { void A(); } [IpcInterface] public interface IOther { void A(); "
                + "}",
            "[IpcInterface] public interface IService { void A(); }",
            "interface 'Demo.IOther'",
            gone: "Demo.IOther");
        yield return Case(
            "a type that is no longer used",
            "public record Value(int X); [IpcInterface] public interface IService { void A(); void B(List<Value> x); }",
            "[IpcInterface] public interface {|MP0023:IService|} { void A(); }",
            "method 'B'",
            gone: "Demo.Value");
    }

    [Test]
    public async Task Closed_contract_that_the_assembly_names_is_in_the_baseline()
    {
        const string named = "[assembly: Multiprocess.IpcClosedInterface(typeof(Demo.IStore<int>))]";
        const string contract = Usings + "[IpcInterface] public interface IStore<T> { T Get(); }";
        string baseline = BaselineHarness.Write(GeneratorRun.Compile(contract, named));

        Assert.That(baseline, Does.Contain("interface Demo.IStore<System.Int32>"));
        Assert.That(await BaselineHarness.AnalyzeAsync(GeneratorRun.Compile(contract, named), baseline), Is.Empty);

        var changed = await BaselineHarness.AnalyzeAsync(
            GeneratorRun.Compile(contract.Replace("T Get", "T Take"), named), baseline);

        Assert.That(changed.Select(diagnostic => diagnostic.Id), Is.EquivalentTo(new[] { "MP0023", "MP0024" }));
        Assert.That(changed.Select(diagnostic => diagnostic.Location.IsInSource), Is.All.True);
    }

    [TestCaseSource(nameof(Cases))]
    public async Task Difference_is_reported_at_its_token(
        string before, string after, string[] texts, string? addition, string? gone)
    {
        string baseline = BaselineHarness.Write(GeneratorRun.Compile(Usings + before));
        var markup = Markup.Parse(Usings + after);
        var compilation = GeneratorRun.Compile(markup.Source);

        var found = await BaselineHarness.AnalyzeAsync(compilation, baseline);

        // What changed is a break and, by its new id, an addition; what is gone altogether is told at its line of the
        // baseline.
        var inSource = found.Where(
            diagnostic => diagnostic.Location.IsInSource && !(addition is not null && diagnostic.Id == "MP0024"))
            .ToList();
        Assert.That(
            inSource.Select(diagnostic => (diagnostic.Id, diagnostic.Location.SourceSpan)).Distinct(),
            Is.EquivalentTo(markup.Expected),
            () => string.Join('\n', found));
        Assert.That(
            found.Where(
                diagnostic => addition is not null && diagnostic.Id == "MP0024").Select(diagnostic => Text(
                    diagnostic, markup.Source)),
            Has.All.EqualTo(addition));
        var outside = found.Where(diagnostic => !diagnostic.Location.IsInSource).ToList();
        Assert.That(
            outside.Select(
                diagnostic => baseline.Split('\n')[diagnostic.Location.GetLineSpan().StartLinePosition.Line]).ToList(),
            gone is null ? Is.Empty : Has.Count.EqualTo(1).And.All.Contains(gone));
        string messages = string.Join(
            '\n', found.Select(diagnostic => diagnostic.GetMessage(CultureInfo.InvariantCulture)));
        foreach (string text in texts)
        {
            Assert.That(messages, Does.Contain(text));
        }
    }

    [TestCaseSource(nameof(Cases))]
    public async Task Updated_baseline_has_nothing_to_complain_about(
        string before, string after, string[] texts, string? addition, string? gone)
    {
        var compilation = GeneratorRun.Compile(Markup.Parse(Usings + after).Source);
        string updated = BaselineHarness.Write(
            compilation, BaselineHarness.Write(GeneratorRun.Compile(Usings + before)));

        Assert.That(await BaselineHarness.AnalyzeAsync(compilation, updated), Is.Empty);
        Assert.That(
            BaselineHarness.Write(compilation, updated), Is.EqualTo(updated), "a second update changes nothing");
    }

    [Test]
    public void What_is_added_comes_behind_what_there_was()
    {
        const string before =
            "public enum Color { Red } [IpcInterface] public interface IService { void B(); Color C(); }";
        const string after =
            "public enum Color { Blue = 7, Red = 0 } [IpcInterface] public interface IService { void A(); Color C(); "
                + "void B(); }";

        string updated = BaselineHarness.Write(
            GeneratorRun.Compile(Usings + after), BaselineHarness.Write(GeneratorRun.Compile(Usings + before)));
        var blocks = BaselineText.Read(updated, out _);

        Assert.That(blocks["Demo.IService"].Lines.Select(blocks["Demo.IService"].NameOf), Is.EqualTo(["B", "C", "A"]));
        Assert.That(blocks["Demo.Color"].Lines, Is.EqualTo(["Red = 0", "Blue = 7"]));
    }

    [TestCase("nonsense")]
    [TestCase("  7 A():System.Void")]
    [TestCase("interface Demo.IService\ninterface Demo.IService")]
    public async Task Line_that_is_none_of_a_baseline_is_reported_where_it_stands(string line)
    {
        var compilation = GeneratorRun.Compile(Usings + "[IpcInterface] public interface IService { void A(); }");
        string baseline = "# A remark.\n" + line + "\n" + BaselineHarness.Write(compilation)
            .Replace(
                "interface Demo.IService\n",
                line.StartsWith("interface", StringComparison.Ordinal) ? "" : "interface Demo.IService\n",
                StringComparison.Ordinal);

        var found = await BaselineHarness.AnalyzeAsync(compilation, baseline);

        Assert.That(found.Select(diagnostic => diagnostic.Id), Is.EqualTo(["MP0025"]));
        Assert.That(found[0].Location.GetLineSpan().Path, Is.EqualTo("contracts.txt"));
        Assert.That(
            found[0].Location.GetLineSpan().StartLinePosition.Line,
            Is.EqualTo(line.StartsWith("interface", StringComparison.Ordinal) ? 2 : 1));
    }

    [Test]
    public async Task Contract_that_is_refused_is_not_compared()
    {
        string baseline = BaselineHarness.Write(
            GeneratorRun.Compile(Usings + "[IpcInterface] public interface IService { void A(); }"));

        Assert.That(
            await BaselineHarness.AnalyzeAsync(
                GeneratorRun.Compile(Usings + "[IpcInterface] public interface IService { void A(object x); }"),
                baseline),
            Is.Empty);
    }

    [Test]
    public async Task Compiled_assembly_has_the_baseline_of_its_source()
    {
        const string source = Usings + """
            [Flags] public enum Rights { Read = 1, Write = 2 }
            public record struct Point(int X, int Y);
            public class Person { public required string Name { get; init; } public List<Point>? Points { get; set; } public int Count => Points!.Count; internal int Hidden => 1; }
            public class Fixed(int size) { public int Size { get; } = size; public int Field; }
            [IpcUnion(1, typeof(Circle))] public abstract record Shape;
            public record Circle(double Radius = 1) : Shape;
            internal record Secret(string Text, Rights Rights);
            [IpcInterface] internal interface IHidden { Secret Get(); }
            [IpcInterface] public interface IStore<T> { T? Find(string key); }
            [IpcInterface] public interface IService : IDisposable { (Person, Fixed) Get(Shape shape); IStore<Point> Points { get; } Task<int> RunAsync(Func<Person, Rights> f); event EventHandler<int> Changed; }
            [IpcFault] public class Broken(int code, string message) : Exception(message) { public int Code { get; } = code; }
            """;
        var compilation = GeneratorRun.Compile(source);
        string folder = Directory.CreateTempSubdirectory("ipc").FullName;
        string path = Path.Combine(folder, "Demo.dll");
        try
        {
            using (var file = File.Create(path))
            {
                Assert.That(compilation.AddSyntaxTrees(GeneratorRun.GenerateTrees(compilation)).Emit(file).Success);
            }

            string baseline = Path.Combine(folder, "out", "baseline.txt");
            string references = Path.Combine(folder, "references.txt");
            File.WriteAllLines(references, compilation.References.Select(reference => reference.Display!));

            int written = CommandLine.Run(
                ["baseline", path, baseline, "--references", references], TextWriter.Null, TestContext.Error);

            Assert.That(written, Is.Zero);
            // Metadata has methods before properties.
            Assert.That(
                File.ReadAllLines(baseline), Is.EquivalentTo(BaselineHarness.Write(compilation).Split('\n')[..^1]));
            Assert.That(await BaselineHarness.AnalyzeAsync(compilation, File.ReadAllText(baseline)), Is.Empty);
            Assert.That(
                CommandLine.Run(
                    ["check", path, baseline, "--references", references], TextWriter.Null, TestContext.Error),
                Is.Zero);

            File.WriteAllText(
                baseline,
                File.ReadAllText(baseline).Replace("X: System.Int32", "X: System.Int64", StringComparison.Ordinal));
            using var output = new StringWriter();
            Assert.That(
                CommandLine.Run(["check", path, baseline, "--references", references], output, TestContext.Error),
                Is.EqualTo(1));
            Assert.That(
                output.ToString(),
                Does.StartWith(
                    "breaks: member 'X' of 'Demo.Point': expected 'X: System.Int64 = default', got 'X: System.Int32 "
                        + "= default'; peers of the earlier version would be refused"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [TestCase("Usage:")]
    [TestCase("does not exist", "baseline", "/nowhere/Missing.dll", "file")]
    [TestCase("Usage:", "baseline", "one")]
    public void Wrong_command_line_says_what_is_right(string expected, params string[] args)
    {
        using var errors = new StringWriter();

        Assert.That(CommandLine.Run(args, TextWriter.Null, errors), Is.EqualTo(2));
        Assert.That(errors.ToString(), Does.Contain(expected));
    }

    [Test]
    public void Assembly_without_contracts_is_told()
    {
        using var errors = new StringWriter();

        Assert.That(
            CommandLine.Run(["capnp", typeof(TestAttribute).Assembly.Location], TextWriter.Null, errors),
            Is.EqualTo(2));
        Assert.That(errors.ToString(), Does.Contain("has no contracts"));
    }

    /// <summary>
    /// A change: what the messages say; what is an addition only because its id is new; what is told at the baseline's
    /// own line.
    /// </summary>
    private static TestCaseData Case(
        string name,
        string before,
        string after,
        string? first = null,
        string? second = null,
        string? addition = null,
        string? gone = null)
        => new TestCaseData(
            before, after, new[] { first, second }.OfType<string>().ToArray(), addition, gone).SetArgDisplayNames(name);

    private static string Text(Microsoft.CodeAnalysis.Diagnostic diagnostic, string source)
        => source.Substring(diagnostic.Location.SourceSpan.Start, diagnostic.Location.SourceSpan.Length);
}
