using Microsoft.CodeAnalysis;
using Multiprocess.Generator.Tests.Harness;
using Multiprocess.Scenarios.Harness;

namespace Multiprocess.Generator.Tests;

/// <summary>
/// What a type stores and whether it comes back, of source, of an assembly, and of a reference assembly. A type that
/// loses something is refused in all three forms; one that needs its code as a proof is taken from source alone.
/// </summary>
public sealed class ValueStateTests
{
    private const string Usings = """
        using System;
        using System.Collections.Generic;
        using System.ComponentModel;
        using System.Diagnostics.CodeAnalysis;
        using System.Linq;
        using System.Runtime.CompilerServices;
        using System.Runtime.InteropServices;
        using System.Runtime.Serialization;
        using System.Text.Json.Serialization;
        using Multiprocess;

        """;

    /// <summary>Refused wherever the type comes from.</summary>
    private static readonly Dictionary<string, string> s_lost = new()
    {
        ["An override that computes"] =
            "public class Base { public virtual string Name { get; set; } = \"\"; } public class T : Base { public "
                + "override string Name { get => base.Name.ToUpperInvariant(); } }",
        ["An override that computes, of two accessors"] =
            "public class Base { public virtual int Cents { get; set; } } public class T : Base { public override int "
                + "Cents { get => base.Cents * 100; set => base.Cents = value; } }",
        ["An override whose setter drops what it gets"] =
            "public class Base { public virtual int Cents { get; set; } } public class T : Base { public override int "
                + "Cents { set => base.Cents = 0; } }",
        ["An override in the middle"] =
            "public class Base { public virtual int A { get; set; } } public class Middle : Base { public override int "
                + "A { get => -base.A; } } public class T : Middle { public int B { get; set; } }",
        ["A captured parameter of a struct"] =
            "public readonly struct T(double degrees) { public double Value => degrees; }",
        ["A captured parameter of a struct that computes"] =
            "public readonly struct T(double value) { public double Value => value * 2; }",
        ["A captured optional parameter"] = "public sealed class T(int seed = 1) { public int Next => seed * 3; }",
        ["A captured parameter beside another constructor"] =
            "public sealed class T(decimal percent) { public T() : this(0) { } public decimal Factor => percent / 100; "
                + "}",
        ["A captured parameter that a method uses"] =
            "public class T(int seed = 1) { public int A { get; set; } public int Next() => seed; }",
        ["A captured parameter that changes"] =
            "public class T(int count) { public int Count { get; set; } = count; public int Up() => ++count; }",
        ["A captured parameter in the other part"] =
            "public partial class T(int seed = 0) { public int A { get; set; } } public partial class T { public int "
                + "Seed2() => seed; }",
        ["A captured parameter of a base class"] =
            "public class Base(int seed) { public int Twice => seed * 2; } public class T() : Base(4) { public int A { "
                + "get; set; } }",
        ["A private field of a struct"] =
            "public struct T { private int _count; public int A { get; set; } public void Tick() => _count++; public "
                + "int Ticks() => _count; }",
        ["A private field with the name of a property"] =
            "public class T { private int _count; public int Count { get; set; } public void Tick() => _count++; "
                + "public int Ticks => _count; }",
        ["A setter that drops what it gets"] =
            "public class T { private List<string>? m_names; public IReadOnlyList<string> Names { get => m_names ?? "
                + "[]; set { } } public void Add(string s) => (m_names ??= []).Add(s); }",
        ["A setter that changes what it gets"] =
            "public class T { private int _a; public int A { get => _a; set => _a = value * 2; } }",
        ["A setter that limits what it gets"] =
            "public class T { private int _a; public int A { get => _a; set { if (value > 0) _a = value; } } public "
                + "void Down() => _a--; }",
        ["A setter that stores elsewhere"] =
            "public class T { private int _a; private int _b; public int A { get => _a; set => _b = value; } public "
                + "int B() => _b; }",
        ["A setter that counts"] =
            "public class T { private int _a; public int Changes { get; set; } public int A { get => _a; set { _a = "
                + "value; Changes++; } } }",
        ["A getter that computes"] =
            "public class T { private int _a; public int A { get => _a + 1; set => _a = value; } }",
        ["A getter with a default"] =
            "public class T { private string? _a; public string A { get => _a ?? \"x\"; set => _a = value; } public "
                + "bool IsSet() => _a is not null; }",
        ["A setter with the field keyword that changes"] =
            "public class T { public int A { get; set => field = value * 2; } }",
        ["A getter with the field keyword that computes"] =
            "public class T { public int A { get => field + 1; set => field = value; } }",
        ["A property that its constructor computes"] =
            "public class T(decimal net) { public decimal Net { get; } = net * 1.2m; }",
        ["A property of a record that is computed"] =
            "public record T(decimal Net) { public decimal Net { get; } = Net * 1.2m; }",
        ["A constructor that computes"] = "public struct T { public T(int a) { A = a + 1; } public int A { get; } }",
        ["A constructor that changes its parameter"] =
            "public struct T { public T(int a) { a++; A = a; } public int A { get; } }",
        ["A constructor that stores sometimes"] =
            "public class T { public T(int a) { if (a > 0) A = a; } public int A { get; } }",
        ["A constructor that stores twice"] =
            "public class T { public T(int a) { A = a; A = -A; } public int A { get; } }",
        ["A constructor that leaves early"] =
            "public class T { public T(int a) { if (a == 1) return; A = a; } public int A { get; } }",
        ["A constructor that calls what changes it"] =
            "public class T { public T(int a) { A = a; Reset(); } public int A { get; private set; } private void "
                + "Reset() => A = 0; }",
        ["A constructor that hands on something else"] =
            "public class T { public T(int a) : this(a, 1) { } private T(int b, int c) { A = b + c; } public int A { "
                + "get; } }",
        ["A constructor with the parameters exchanged"] =
            "public class T(int a, int b) { public int A { get; } = b; public int B { get; } = a; }",
        ["A private setter"] = "public class T { public int A { get; private set; } public void Up() => A++; }",
        ["An internal setter, seen from outside"] =
            "public class T { public int Open { get; set; } public int Secret { get; private protected set; } public "
                + "void Set(int s) => Secret = s; }",
        ["A list that is filled"] =
            "public class T { public List<string> Items { get; } = []; public int Id { get; set; } }",
        ["A private auto-property"] =
            "public class T { private int Secret { get; set; } public int A { get; set; } public void Set(int s) => "
                + "Secret = s; public int Peek() => Secret; }",
        ["A protected field"] =
            "public class T { protected int _secret; public int A { get; set; } public void Set(int s) => _secret = s; "
                + "}",
        ["A private field of a base class"] =
            "public class Base { private int _n; public void Up() => _n++; public int N() => _n; } public class T : "
                + "Base { public int A { get; set; } }",
        ["Handlers of an event"] =
            "public class T { public int A { get; set; } public event Action? Changed; public void Raise() => "
                + "Changed?.Invoke(); }",
        ["Handlers of a private event"] =
            "public class T { public int A { get; set; } private event Action? Changed; public void Raise() => "
                + "Changed?.Invoke(); public void On(Action a) => Changed += a; }",
        ["Other names in the constructor"] =
            "public struct T { public T(decimal amount, string cur) { Amount = amount; Currency = cur; } public "
                + "decimal Amount { get; } public string Currency { get; } }",
        ["State that a static method sees"] =
            "public class T { public int A { get; set; } private int _b; public static int Next(T t) => ++t._b; }",
        ["State that a nested type sees"] =
            "public class T { public int A { get; set; } private int _b; public class Counter { public int Next(T t) "
                + "=> ++t._b; } }",
        ["State that an operator sees"] =
            "public class T { public int A { get; set; } private int _b; public static T operator +(T t, int n) { t._b "
                + "+= n; return t; } public override string ToString() => _b.ToString(); }",
        ["A lazy field"] =
            "public class T { public int A { get; set; } private int? _twice; public int Twice => _twice ??= A * 2; }",
        ["A readonly field of a record"] =
            "public record T(int A) { private readonly int _salt = Environment.TickCount; public int Salted() => A + "
                + "_salt; }",
    };

    /// <summary>Taken from wherever the type comes.</summary>
    private static readonly Dictionary<string, string> s_kept = new()
    {
        ["A record"] = "public record T(int A, string? B);",
        ["A record with a base"] = "public record Base(int A); public record T(int A, string B) : Base(A);",
        ["A record with a property of its own"] = "public record T(int A) { public string B { get; init; } = \"\"; }",
        ["A record whose init property is computed once"] =
            "public record T(decimal Net) { public decimal Net { get; init; } = Net * 1.2m; }",
        ["A generic record"] =
            "public record Box<V>(V Value, List<V> More); public class T { public Box<int>? A { get; set; } }",
        ["A record struct"] = "public record struct T(int A, string B);",
        ["A class of properties"] =
            "public class T { public int A { get; set; } public required string B { get; init; } public int C; }",
        ["A class that derives"] =
            "public class Base { public int A { get; set; } } public class T : Base { public int B { get; set; } }",
        ["An override that stores"] =
            "public class Base { public virtual int A { get; set; } } public class T : Base { public override int A { "
                + "get; set; } }",
        ["An abstract property"] =
            "public abstract class Base { public abstract int A { get; set; } } public class T : Base { public "
                + "override int A { get; set; } }",
        ["A struct of fields"] = "public struct T { public int A; public double B; }",
        ["A struct with methods"] =
            "public struct T { public int A { get; set; } public int Twice => A * 2; public override string ToString() "
                + "=> A.ToString(); }",
        ["Declared keys"] =
            "[MessagePack.MessagePackObject] public class T { private int _a; [MessagePack.Key(0)] public int A { get "
                + "=> _a; set => _a = value; } public int Twice() => _a * 2; }",
        ["A declared constructor"] =
            "[method: JsonConstructor] public class T(int a, string b) { public int A { get; } = a; public string B { "
                + "get; } = b; }",
        ["An ignored property"] =
            "public class T { public int A { get; set; } [IgnoreDataMember] public List<int> Rows { get; } = []; }",
        ["A property that computes and can be set"] =
            "public struct T { public double Celsius; public double Fahrenheit { get => Celsius * 1.8 + 32; set => "
                + "Celsius = (value - 32) / 1.8; } }",
        ["A constant and a static"] =
            "public class T { public const int Most = 5; public static int Count; public static int Other { get; set; "
                + "} public int A { get; set; } }",
    };

    /// <summary>Taken from source, where the code is a proof, and refused of any other form.</summary>
    private static readonly Dictionary<string, string> s_proven = new()
    {
        ["A captured parameter that is shown"] =
            "public class T(int a, string b) { public int A => a; public string B { get { return b; } } }",
        ["A property of a primary constructor"] =
            "public class T(int a, string b) { public int A { get; } = a; public string B { get; } = b ?? throw new "
                + "ArgumentNullException(nameof(b)); }",
        ["A constructor that checks"] =
            "public class T { public T(int a, string b) { if (a < 0) throw new ArgumentException(\"a\"); "
                + "ArgumentNullException.ThrowIfNull(b); A = a; this.B = b; } public int A { get; } public string B { "
                + "get; } }",
        ["A constructor of a tuple"] =
            "public struct T { public T(int a, string b) => (A, B) = (a, b); public int A { get; } public string B { "
                + "get; } }",
        ["A constructor of a tuple that checks"] =
            "public class T { public T(int from, int to) => (From, To) = from <= to ? (from, to) : throw new "
                + "ArgumentException(nameof(to)); public int From { get; } public int To { get; } public int Length => "
                + "To - From; }",
        ["A constructor that hands on"] =
            "public class Base(int a) { public int A { get; } = a; } public class T : Base { public T(int a, string b) "
                + ": base(a) { B = b; } public string B { get; } }",
        ["A constructor that copies"] =
            "public class T { private readonly List<int> _rows; public T(IReadOnlyList<int> rows) { _rows = [.. rows]; "
                + "} public IReadOnlyList<int> Rows => _rows; }",
        ["A field behind a property"] =
            "public class T { private int m_value; public int A { get => m_value; set => m_value = value; } }",
        ["A field of another name"] =
            "public struct T { private readonly int _px; public T(int x) { _px = x; } public int X => _px; public int "
                + "Y => X * 2; }",
        ["A property that tells of changes"] =
            "public class T { private int _a; public int A { get => _a; set { if (_a == value) return; _a = value; "
                + "Told(); } } private void Told() => Console.Out.Flush(); }",
        ["A property that tells of changes otherwise"] =
            "public class T { private string _a = \"\"; public string A { get => _a; set { if (!string.Equals(_a, "
                + "value)) { _a = value; } } } }",
        ["A lazy list"] =
            "public class T { private List<int>? _rows; public List<int> Rows { get => _rows ??= []; set => _rows = "
                + "value; } }",
        ["A record whose constructor stores"] =
            "public record T(decimal Net) { private readonly decimal _net = Net; public decimal Net { get => _net; "
                + "init => _net = value * 2; } }",
        ["The field keyword"] =
            "public class T { public string A { get => field; set => field = value ?? throw new "
                + "ArgumentNullException(); } = \"\"; }",
        ["The field keyword with a default"] = "public class T { public string? A { get => field ?? \"x\"; set; } }",
        ["Two properties of one field"] =
            "public class T { private double _c; public double Celsius { get => _c; set => _c = value; } public double "
                + "Fahrenheit { get => _c * 1.8 + 32; set => _c = (value - 32) / 1.8; } }",
        ["An event whose handlers stay"] =
            "public class T { public int A { get; set; } [field: NonSerialized] public event Action? Changed; public "
                + "void Raise() => Changed?.Invoke(); public string Name { get => field; set => field = value; } = "
                + "\"\"; }",
    };

    private static IEnumerable<string> Lost => s_lost.Keys;

    private static IEnumerable<string> Taken => s_kept.Keys;

    private static IEnumerable<string> Proven => s_proven.Keys;

    [Test]
    public async Task What_loses_state_is_refused_from_everywhere(
        [ValueSource(nameof(Lost))] string name, [Values] Form form)
    {
        var found = await RefusalsOf(s_lost[name], form);

        Assert.That(
            found.Select(refusal => refusal.Id).Distinct(),
            Is.EqualTo(new[] { "MP0016" }).Or.EqualTo(new[] { "MP0005" }));
    }

    [Test]
    public async Task What_comes_back_is_taken_from_everywhere(
        [ValueSource(nameof(Taken))] string name, [Values] Form form)
    {
        Assert.That(await RefusalsOf(s_kept[name], form), Is.Empty);
    }

    [Test]
    public async Task What_only_code_proves_is_taken_from_source(
        [ValueSource(nameof(Proven))] string name, [Values] Form form)
    {
        var found = await RefusalsOf(s_proven[name], form);

        Assert.That(found.Select(refusal => refusal.Id), Is.EqualTo(form == Form.Source ? [] : new[] { "MP0016" }));
    }

    [TestCaseSource(nameof(AllTaken))]
    public void What_is_taken_compiles_and_comes_back(string source)
    {
        var peer = GeneratorRun.Load(
            Usings + source + Contract + " public class Target : IService { public T Echo(T value) => value; }");
        var contract = peer.GetType("IService")!;
        object value = Sample.Of(peer.GetType("T")!);
        using var pair = (IDisposable)typeof(IpcTestPair).GetMethods()
            .Single(method => method.Name == "Create" && !method.GetParameters()[0].ParameterType.IsGenericType)
            .MakeGenericMethod(contract).Invoke(null, [Activator.CreateInstance(peer.GetType("Target")!), null])!;
        object root = pair.GetType().GetProperty("Root")!.GetValue(pair)!;

        object back = contract.GetMethod("Echo")!.Invoke(root, [value])!;

        Assert.That(Description.Of(back), Is.EqualTo(Description.Of(value)));
    }

    [TestCase(Form.Source)]
    [TestCase(Form.Assembly)]
    public async Task Internal_state_is_refused_where_it_can_be_seen(Form form)
    {
        var found = await RefusalsOf(
            "public class T { public int A { get; set; } internal int Secret { get; set; } }", form);

        Assert.That(found.Select(refusal => refusal.Id), Is.EqualTo(new[] { "MP0016" }));
    }

    [Test]
    public async Task Required_member_that_stays_behind_is_reported_where_it_is_declared()
    {
        var markup = Markup.Parse(Usings + """
            public class Base { [IgnoreDataMember] public required string {|MP0005:Secret|} { get; init; } public int A { get; set; } }
            public class T : Base { public int B { get; set; } }
            public struct S { [NonSerialized] public required int {|MP0005:X|}; public int Y; }
            public class Computed { public required int {|MP0005:Twice|} { get => A * 2; set => A = value / 2; } public int A { get; set; } }
            public class Made { [SetsRequiredMembers] public Made() { } [IgnoreDataMember] public required string Secret { get; init; } = ""; public int A { get; set; } }
            [IpcInterface] public interface IService { T Get(S s, Made m, Computed c); }
            """);

        var found = await GeneratorRun.AnalyzeAsync(GeneratorRun.Compile(markup.Source));

        Assert.That(
            found.Select(refusal => (refusal.Id, refusal.Location.SourceSpan)),
            Is.EquivalentTo(markup.Expected),
            () => string.Join("\n", found));
    }

    private static IEnumerable<TestCaseData> AllTaken
        => s_kept.Concat(s_proven).Select(each => new TestCaseData(each.Value).SetArgDisplayNames(each.Key));

    private const string Contract = " [IpcInterface] public interface IService { T Echo(T value); }";

    private static async Task<IReadOnlyList<Diagnostic>> RefusalsOf(string types, Form form)
    {
        if (form == Form.Source)
        {
            return await GeneratorRun.AnalyzeAsync(GeneratorRun.Compile(Usings + types + Contract));
        }

        var library = GeneratorRun.CompileLibrary(form == Form.ReferenceAssembly, Usings + types);
        var compilation = GeneratorRun.Compile(Usings + Contract).AddReferences(library);
        Assert.That(
            compilation.GetDiagnostics().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error),
            Is.Empty);
        return await GeneratorRun.AnalyzeAsync(compilation);
    }

    /// <summary>How a contract sees the types that it uses.</summary>
    public enum Form
    {
        Source,
        Assembly,
        ReferenceAssembly,
    }

    /// <summary>Makes a value whose members differ from their defaults.</summary>
    private static class Sample
    {
        public static object Of(Type type, int seed = 3)
        {
            if (type == typeof(string))
            {
                return "text" + seed;
            }

            if (type.IsPrimitive || type == typeof(decimal))
            {
                return Convert.ChangeType(seed, type, System.Globalization.CultureInfo.InvariantCulture);
            }

            if (type.IsAssignableFrom(typeof(List<int>)) || type == typeof(List<int>))
            {
                return new List<int> { seed, seed + 1 };
            }

            var constructor = type
                .GetConstructors()
                .OrderByDescending(each => each.GetParameters().Length)
                .FirstOrDefault();
            object value = constructor?.Invoke(
                [.. constructor.GetParameters().Select(parameter => Of(parameter.ParameterType, ++seed))])
                ?? Activator.CreateInstance(type)!;
            foreach (var property in type.GetProperties().Where(
                property => property.SetMethod is { IsPublic: true, IsStatic: false }))
            {
                property.SetValue(value, Of(property.PropertyType, ++seed));
            }

            foreach (var field in type.GetFields().Where(field => !field.IsStatic))
            {
                field.SetValue(value, Of(field.FieldType, ++seed));
            }

            return value;
        }
    }
}
