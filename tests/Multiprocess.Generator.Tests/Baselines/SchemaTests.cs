using System.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Multiprocess.Contracts.Tool;
using Multiprocess.Contracts.Tool.Schema;
using Multiprocess.Generator.Baselines;
using Multiprocess.Generator.Model;
using Multiprocess.Generator.Parsing;
using Multiprocess.Generator.Tests.Harness;

namespace Multiprocess.Generator.Tests.Baselines;

/// <summary>
/// The contracts as a Cap'n Proto schema: what each form becomes, and that Cap'n Proto's own compiler takes it.
/// </summary>
public sealed class SchemaTests
{
    private const string Source = """
        using System; using System.Collections.Generic; using System.Net; using System.Threading; using System.Threading.Tasks; using Multiprocess;
        namespace Demo
        {
            public enum Color { Red = 5, DarkRed = 7 }
            [Flags] public enum Rights : byte { Read = 1, Write = 2 }
            public record Person(string Name, int? Age, Color Color, Dictionary<string, List<int[]>> Tags, Person? Parent);
            [IpcUnion(1, typeof(Circle)), IpcUnion(3, typeof(Line))] public abstract record Shape;
            public record Circle(double Radius) : Shape;
            public record Line((int X, int Y) From, KeyValuePair<string, Other.Person> To) : Shape;
            [IpcUnion(1, typeof(Only))] public abstract record Single;
            public record Only : Single;
            public record Ärger_größe(int enum_, int @struct, int struct_, int URLValue, int ID);
            [IpcInterface] public interface IStore<T> { T? Find(int id); }
            [IpcInterface]
            public interface IService : IDisposable
            {
                Person Get(string name, CancellationToken token = default);
                Person Get(int id);
                bool TryGet(Shape shape, ref int count, out Single single);
                int Size { get; set; }
                int this[Color color] { get; }
                event EventHandler<int> Changed;
                Task<Rights> RunAsync(Func<Person, Task<byte[]>> run, IProgress<int> progress);
                IAsyncEnumerable<Shape> Shapes(IAsyncEnumerable<byte> bytes);
                IStore<Person> People { get; }
                void Copy(System.IO.Stream from, System.IO.Pipelines.IDuplexPipe to, ReadOnlySpan<byte> bytes);
                int[,] Grid(Ärger_größe x, IPEndPoint y, DateTimeOffset z, DayOfWeek day, Int128 big, Half half, System.Text.Json.JsonElement json);
                [IpcOneWay] void Log(params string[] texts);
            }
        }
        namespace Other { public record Person(Guid Id, decimal? Money); }
        """;

    private static readonly string s_capnp = Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, "capnp")).FirstOrDefault(File.Exists) ?? "";

    // Without the snapshot whose contracts are Cap'n Proto's own: the exporter writes the contracts of this library.
    private static IEnumerable<string> Snapshots
        => Directory.GetFiles(Path.Combine(GeneratorRun.ProjectDirectory, "Snapshots"), "*.cs.txt")
            .Select(path => Path.GetFileName(path)[..^".cs.txt".Length])
            .Where(name => name is not ("CapnProto" or "CapnProtoUnions"))
            .Order(StringComparer.Ordinal);

    [Test]
    public void Schema_of_every_form_is_the_one_that_is_kept()
    {
        string schema = Write(GeneratorRun.Compile(Source));
        string path = Path.Combine(GeneratorRun.ProjectDirectory, "Baselines", "EveryForm.capnp");
        if (Environment.GetEnvironmentVariable("UPDATE_SNAPSHOTS") == "1")
        {
            File.WriteAllText(path, schema);
        }

        Assert.That(schema, Is.EqualTo(File.ReadAllText(path)));
    }

    [Test]
    public void Schema_of_every_form_compiles() => Compile(Write(GeneratorRun.Compile(Source)));

    [TestCaseSource(nameof(Snapshots))]
    public void Schema_of_a_snapshot_compiles(string name)
        => Compile(
            Write(
                GeneratorRun.Compile(
                    File.ReadAllText(Path.Combine(GeneratorRun.ProjectDirectory, "Snapshots", name + ".cs.txt")))));

    [Test]
    public void Schema_of_the_contracts_of_these_tests_compiles()
        => Compile(Write(ContractAssembly.Read(typeof(SchemaTests).Assembly.Location, references: null), before: null));

    [Test]
    public void What_is_added_has_the_next_ordinal_wherever_it_stands()
    {
        const string before =
            "namespace Demo; public enum Color { Red, Blue } [Multiprocess.IpcInterface] public interface IService { "
                + "Color B(); void C(); }";
        const string after =
            "namespace Demo; public enum Color { Green = 9, Red = 0, Blue = 1 } [Multiprocess.IpcInterface] public "
                + "interface IService { void A(); void C(); Color B(); }";
        string baseline = BaselineHarness.Write(GeneratorRun.Compile(before));

        string first = Write(GeneratorRun.Compile(before));
        string second = Write(GeneratorRun.Compile(after), baseline);

        foreach (string line in (string[])
        [
            "  b @0 () -> (result :Color);", "  c @1 () -> ();", "  red @0;  # 0", "  blue @1;  # 1"
        ])
        {
            Assert.That(first, Does.Contain(line));
            Assert.That(second, Does.Contain(line));
        }

        Assert.That(second, Does.Contain("  a @2 () -> ();").And.Contain("  green @2;  # 9"));
        Assert.That(
            second.Split('\n')[2],
            Is.EqualTo(first.Split('\n')[2]).And.Match("^@0x[89a-f][0-9a-f]{15};$"),
            "the file keeps its id");
        Compile(second);
    }

    [Test]
    public void Contract_of_an_assembly_that_asks_has_the_ids_and_ordinals_of_its_schema()
    {
        const string before =
            "[assembly: Multiprocess.CapnProto.CapnpContracts] namespace Demo; public enum Color { Red, Blue } "
                + "[Multiprocess.IpcInterface] public interface IService : System.IDisposable { Color B(); void C(); }";
        const string after =
            "[assembly: Multiprocess.CapnProto.CapnpContracts] namespace Demo; public enum Color { Green = 2, Red = 0, "
                + "Blue = 1 } [Multiprocess.IpcInterface] public interface IService : System.IDisposable { void "
                + "A(System.Action<Color> callback); void C(); Color B(); }";
        string baseline = BaselineHarness.Write(GeneratorRun.Compile(before));
        CSharpCompilation compilation = GeneratorRun.Compile(after);

        CapnpFile file = CapnpDerivedParser.All(compilation, baseline, CancellationToken.None).Single();
        string schema = Write(compilation, baseline);

        Assert.That(file.Errors, Is.Empty);
        CapnpContract contract = file.Contract!;
        Assert.That(
            contract.Methods.OrderBy(method => method.Ordinal).Select(method => $"{method.Name} @{method.Ordinal}"),
            Is.EqualTo(new[] { "B @0", "C @1", "A @3" }));
        Assert.That(contract.Destroys.Single().Ordinal, Is.EqualTo(2));
        Assert.That(schema, Does.Contain($"interface Service @{contract.Methods[0].InterfaceId} extends(Threads) {{"));
        Assert.That(schema, Does.Contain("  b @0 (context :Context) -> (result :Color);"));
        Assert.That(schema, Does.Contain("  dispose @2 (context :Context) -> ();"));
        string callback = file.Delegates.Single().Methods[0].InterfaceId;
        Assert.That(schema, Does.Contain($"@{callback} extends(Threads) {{\n  invoke @0 (context"));
        Compile(schema);
    }

    private static string Write(Compilation compilation, string? before = null)
        => Write(ContractAssembly.Read(compilation.Assembly, compilation), before);

    private static string Write(ContractAssembly assembly, string? before)
        => new SchemaWriter(
            assembly, [.. BaselineText.Update(before is null ? [] : BaselineText.Read(before, out _), assembly.Blocks)])
            .Write();

    /// <summary>Gives the schema to the real compiler, where it is installed.</summary>
    private static void Compile(string schema)
    {
        if (s_capnp.Length == 0)
        {
            Assert.Ignore("Debian's capnproto is not installed.");
        }

        string path = Path.Combine(Path.GetTempPath(), $"ipc-{Guid.NewGuid():N}.capnp");
        File.WriteAllText(path, schema);
        try
        {
            using var process = Process.Start(
                new ProcessStartInfo(
                    s_capnp,
                    ["compile", "-o-", path]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            var errors = process.StandardError.ReadToEndAsync();
            process.StandardOutput.BaseStream.CopyTo(Stream.Null);
            Assert.That(process.WaitForExit(30_000), Is.True);
            Assert.That(process.ExitCode, Is.Zero, () => errors.Result + "\n" + schema);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
