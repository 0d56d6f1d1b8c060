using Microsoft.CodeAnalysis;
using Multiprocess.Generator.Tests.Harness;

namespace Multiprocess.Generator.Tests;

/// <summary>
/// Contracts of unusual shape, and projects of unusual settings: what is emitted compiles without a warning.
/// </summary>
public sealed class EmittedCodeTests
{
    private const string Usings =
        "using System; using System.Collections.Generic; using System.Diagnostics.CodeAnalysis; using "
            + "System.Threading; using System.Threading.Tasks; using Multiprocess;\n";

    private static readonly string s_long =
        $"({string.Join(", ", Enumerable.Repeat("Dictionary<DateTimeOffset, List<KeyValuePair<string, decimal>>>", 12))})";

    private static readonly Dictionary<string, string> s_contracts = new()
    {
        ["No namespace"] =
            "public record Person(string Name); [IpcInterface] public interface IService { Person Get(Action<int> f); "
                + "event EventHandler? Changed; }",
        ["An internal contract"] =
            "namespace Demo; internal record Person(string Name); [IpcInterface] internal interface IService { Person "
                + "Get(); }",
        ["A nested contract"] =
            "namespace Demo; public partial class Outer { internal class Inner { [IpcInterface] public interface "
                + "IService { Inner.Data Get(); } public record Data(int A); } }",
        ["Keywords as names"] =
            "namespace @class.@event; public enum @enum { @out, @in } public record @record(int @int, string? @string "
                + "= null, @enum E = @enum.@in); [IpcInterface] public interface @interface { @record @void(int @ref, "
                + "@enum @params); int @this { get; set; } event Action<@record> @event; }",
        ["Unicode names"] =
            "namespace Größe; public record Maß(double Länge); [IpcInterface] public interface IÜbergabe { Maß "
                + "Länge(string größe); Task<int> 数(int 値); }",
        ["Our own names as the user's"] =
            "namespace Demo; public record Value(int reader, int context, int count, int index, int value, int "
                + "writer); [IpcInterface] public interface IService { int Run(int target, int call, int ipcCall, out "
                + "int ipcResult, string value, int methodId, int reference); Value Get(Value value); }",
        ["The runtime's names as the user's"] =
            "namespace Demo; public class Int32Codec; public class IpcProxy; public class IncomingCall; public class "
                + "ListCodec; public record Person(int A); [IpcInterface] public interface IService { List<Person> "
                + "Get(int a, Action<string> f); }",
        ["The runtime's names in the namespace around"] =
            "namespace Demo { public class Int32Codec; public class IpcProxy; public class IpcStub<T>; namespace Inner "
                + "{ [IpcInterface] public interface IService { int Get(int a); } } }",
        ["The names of our own codecs as the user's"] =
            "namespace Demo; public record Person(int A); public class PersonCodec; public class ActionOfInt32Proxy; "
                + "public class ActionOfInt32Stub; [IpcInterface] public interface IService { Person Get(Action<int> "
                + "f); }",
        ["A value called as a runtime codec"] =
            "namespace Demo; public record List(int A); public record String(int A); public record Enum(int A); "
                + "[IpcInterface] public interface IService { List Get(String s, Enum e, List<int> l, string t, "
                + "DayOfWeek d); }",
        ["A namespace called as ours"] =
            "namespace Demo.Multiprocess.Generated; [IpcInterface] public interface IService { int Get(List<int> a); }",
        ["A class called System"] =
            "namespace Demo; public class System; [IpcInterface] public interface IService { Task<int> Get(string a, "
                + "CancellationToken c); event Action F; }",
        ["One name in two namespaces"] =
            "namespace Demo.A { [IpcInterface] public interface IService { B.IService Other(); } } namespace Demo.B { "
                + "[IpcInterface] public interface IService { A.IService Other(); } }",
        ["An interface with and one without I"] =
            "namespace Demo; [IpcInterface] public interface IService { void A(); } [IpcInterface] public interface "
                + "Service { void A(); }",
        ["Names that differ in case alone"] =
            "namespace Demo; [IpcInterface] public interface IService { void A(); } [IpcInterface] public interface "
                + "Iservice { void A(); }",
        ["Namespaces that differ in case alone"] =
            "namespace Demo.A { [IpcInterface] public interface IService { void A(); } } namespace Demo.a { "
                + "[IpcInterface] public interface IService { void A(); } } namespace demo { public class B { "
                + "[IpcInterface] public interface IService { void A(); } } public class b { [IpcInterface] public "
                + "interface IService { void A(); } } }",
        ["Reabstracted and ambiguous bodies"] =
            "namespace Demo; public interface IBase { int A(int x); } public interface IOne : IBase { int IBase.A(int "
                + "x) => 1; } public interface ITwo : IBase { int IBase.A(int x) => 2; } [IpcInterface] public "
                + "interface IService : IOne, ITwo; [IpcInterface] public interface IAgain : IBase { abstract int "
                + "IBase.A(int x); }",
        ["Operators and extensions"] =
            "namespace Demo; public static class Extensions { extension(IService service) { public int Double => 2 * "
                + "service.N; public static int Zero => 0; } } [IpcInterface] public interface IService { int N { get; "
                + "} static IService operator +(IService a, IService b) => a; static virtual int Of() => 1; }",
        ["Properties with their field"] =
            "namespace Demo; public class A { public string Name { get => field ?? \"\"; set => field = value ?? throw "
                + "new ArgumentNullException(nameof(value)); } = \"x\"; } [IpcInterface] public interface IService { "
                + "void Take(A a); }",
        ["Default values of every kind"] =
            "namespace Demo; public enum E : ulong { A = 1, B = ulong.MaxValue } public record R(bool A = true, byte B "
                + "= 255, sbyte C = -128, int D = int.MinValue, ulong F = ulong.MaxValue, char G = '\\'', char H = "
                + "'\\uD800', float I = float.NaN, float J = float.NegativeInfinity, double K = double.Epsilon, double "
                + "L = -0.0, decimal M = -1.50m, string N = \"a\\\"\\n\\\\{}\\0\", E O = E.B, E P = (E)77, E? Q = E.A, "
                + "int? S = 5, DateTime T = default, Guid U = new(), nint V = -3); [IpcInterface] public interface "
                + "IService { void Take(R r, char a = '\\uD800', E? b = (E)77, double c = -0.0, nuint d = 7, string e "
                + "= \"\\0\"); }",
        ["Delegates whose names would be too long"] =
            $"namespace Demo; public record Row<T>(T Value); [IpcInterface] public interface IService {{ void "
                + $"A(Func<{s_long}, {s_long}> f, Func<{s_long}, {s_long}?> g); Row<{s_long}> B(); Row<{s_long}[]> "
                + $"C(); }}",
        ["Default values that attributes give"] =
            "namespace Demo; using System.Runtime.CompilerServices; using System.Runtime.InteropServices; public "
                + "record Entry(int Id, [Optional, DateTimeConstant(638000000000000000L)] DateTime When, [Optional, "
                + "DateTimeConstant(5L)] DateTime? Maybe, [Optional, DecimalConstant(2, 0x80, 0u, 0u, 150u)] decimal "
                + "Price, [Optional, DefaultParameterValue(7)] int Count, [Optional] string Text, [Optional] Guid Key, "
                + "[Optional] string? Note); [IpcInterface] public interface IService { Entry Echo(Entry e, [Optional, "
                + "DateTimeConstant(5L)] DateTime a, [Optional, DecimalConstant(0, 0, 0u, 0u, 1u)] decimal b, "
                + "[Optional] List<int>? c); }",
        ["Formatters of MessagePack"] =
            "namespace Demo; using MessagePack; using MessagePack.Formatters; public class F(string a, params int[] b) "
                + ": IMessagePackFormatter<Guid>, IMessagePackFormatter<string?> { public string A => a; public int[] "
                + "B => b; public void Serialize(ref MessagePackWriter w, Guid v, MessagePackSerializerOptions o) => "
                + "w.Write(1); Guid IMessagePackFormatter<Guid>.Deserialize(ref MessagePackReader r, "
                + "MessagePackSerializerOptions o) => Guid.Empty; public void Serialize(ref MessagePackWriter w, "
                + "string? v, MessagePackSerializerOptions o) => w.Write(1); string? "
                + "IMessagePackFormatter<string?>.Deserialize(ref MessagePackReader r, MessagePackSerializerOptions o) "
                + "=> null; } public class G : F { public static readonly G Instance = new(); private G() : base(\"\") "
                + "{ } } [MessagePackFormatter(typeof(G))] public class Of; [MessagePackObject] public class Row { "
                + "[Key(0), MessagePackFormatter(typeof(F), \"a\\n\", new[] { 1, 2 })] public Guid A; [Key(1), "
                + "MessagePackFormatter(typeof(G))] public string? B; [Key(2), MessagePackFormatter(typeof(G))] public "
                + "string C = \"\"; [Key(3), MessagePackFormatter(typeof(G))] public Guid? D; } [IpcInterface, "
                + "IpcConverter(typeof(G))] public interface IService { Row Take(Row row, List<string> a, string?[] b, "
                + "[IpcConverter(typeof(G))] Guid? c); }",
        ["A proxy of the user's own"] =
            "namespace Demo; public class ServiceProxy; [IpcInterface] public interface IService { void A(); }",
        ["Names that end alike"] =
            "namespace Demo { public record Person(int A); [IpcInterface] public interface IService { Person A(); "
                + "Other.Person B(); void C(Action<Person> a, Action<Other.Person> b); } } namespace Demo.Other { "
                + "public record Person(string B); }",
        ["Hidden members"] =
            "namespace Demo; public interface IBase { int Get(); int Size { get; } void Take(int a); } [IpcInterface] "
                + "public interface IService : IBase { new string Get(); new long Size { get; set; } void Take(long "
                + "a); }",
        ["Members of two bases with one name"] =
            "namespace Demo; public interface IA { int Get(); int X { get; } event Action E; int this[int i] { get; } "
                + "} public interface IB { string Get(); string X { get; } event Action E; string this[int i] { get; } "
                + "} [IpcInterface] public interface IService : IA, IB;",
        ["A diamond"] =
            "namespace Demo; public interface IRoot { void R(); } public interface IA : IRoot; public interface IB : "
                + "IRoot; [IpcInterface] public interface IService : IA, IB, IDisposable;",
        ["A closed generic base"] =
            "namespace Demo; public interface IStore<T> { T Get(int id); Task PutAsync(T item); IEnumerable<T> All { "
                + "get; } } public record Order(int Id); [IpcInterface] public interface IOrders : IStore<Order>;",
        ["A marked base"] =
            "namespace Demo; [IpcInterface] public interface IBase { void A(); } [IpcInterface] public interface "
                + "IDerived : IBase { void B(IBase b); }",
        ["A base that is implemented"] =
            "namespace Demo; public interface IBase { int Get(); } [IpcInterface] public interface IService : IBase { "
                + "int IBase.Get() => 1; }",
        ["Overloads"] =
            "namespace Demo; [IpcInterface] public interface IService { void A(int a); void A(string a); void A(int? "
                + "a); void A(out int a); void A(List<int> a); void A(int a, int b = 3); }",
        ["Two indexers"] =
            "namespace Demo; [IpcInterface] public interface IService { int this[int i] { get; set; } string? "
                + "this[string s, int j = 2] { set; } }",
        ["Modifiers"] =
            "namespace Demo; public readonly record struct Point(int X, int Y); [IpcInterface] public interface "
                + "IService { void A(in Point a, ref readonly int b, ref string? c, out Point? d, params List<int> e); "
                + "void B(params int[] a); }",
        ["Nullability attributes"] =
            "namespace Demo; using System.Diagnostics.CodeAnalysis; [IpcInterface] public interface IService { bool "
                + "TryGet(string key, [NotNullWhen(true)] out string? value); [return: MaybeNull] string "
                + "Get([AllowNull] string a, [DisallowNull] string? b); [AllowNull] string Name { get; set; } "
                + "[DisallowNull] string? Other { get; set; } [return: NotNullIfNotNull(\"x\")] string? "
                + "Through(string? x); bool TryFind(string key, [MaybeNullWhen(false)] out string value); }",
        ["Long tuples"] =
            "namespace Demo; [IpcInterface] public interface IService { (int A, int B, int C, int D, int E, int F, int "
                + "G, int H, string? I) Get((int, string) a, Tuple<int, string> b, (int X, (string Y, int Z) W)? c, "
                + "ValueTuple<int> d); (int,int,int,int,int,int,int,int) Eight(); }",
        ["Arrays of arrays"] =
            "namespace Demo; [IpcInterface] public interface IService { int[][,] A(int[,][] a, string?[]?[] b, int?[]? "
                + "c, byte[][] d, int[,,,] e, List<int[]>[] f); }",
        ["Nested generics and nulls"] =
            "namespace Demo; [IpcInterface] public interface IService { Dictionary<string, List<string?>?> "
                + "A(IReadOnlyDictionary<int, string[]?>? a, List<List<int?>>? b, KeyValuePair<string, string?> c); }",
        ["Recursive values"] =
            "namespace Demo; public class Node { public int Id { get; set; } public List<Node> Children { get; set; } "
                + "= []; public Node? Next { get; set; } public Dictionary<string, Tree>? Trees { get; set; } } public "
                + "record Tree(Node? Node, Tree? Left); [IpcInterface] public interface IService { Node Get(Tree? t); "
                + "}",
        ["Generic values"] =
            "namespace Demo; public record Page<T>(IReadOnlyList<T> Items, T? First); public record Pair<A, B>(A One, "
                + "B Two); [IpcInterface] public interface IService { Page<int> A(); Page<string> B(); "
                + "Page<Page<int?>> C(Pair<string, string?> p, Pair<string?, string> q, Pair<Page<int>, int[]> r); }",
        ["Generic structs"] =
            "namespace Demo; public struct Box<T> { public T Value; public int? Count { get; set; } } [IpcInterface] "
                + "public interface IService { Box<int> A(Box<string?>? a, Box<string> b); }",
        ["Values of every construction"] =
            "namespace Demo; public class A { public A(int x) { X = x; } public int X { get; } public int Twice => X * "
                + "2; } public class B { public required string S { get; set; } public required int? N; } public "
                + "record struct C(int X) { public int Y { get; set; } = 4; } public sealed class D(string name = "
                + "\"d\", double f = 1.5, long l = -3, char c = 'c', byte b = 7, decimal m = 2.5m, float n = "
                + "float.NaN) { public string Name => name; public double F { get; } = f; public long L { get; } = l; "
                + "public char C { get; } = c; public byte B { get; } = b; public decimal M { get; } = m; public float "
                + "N { get; } = n; } public class E : A { public E(int x, int y) : base(x) { Y = y; } public int Y { "
                + "get; } } public readonly struct F { public readonly int A; public F(int a) { A = a; } } "
                + "[IpcInterface] public interface IService { void Take(A a, B b, C c, D d, E e, F f); }",
        ["Values that keep something behind"] =
            "namespace Demo; using System.Runtime.Serialization; public class A { private string? _name; public "
                + "string? Name { get => _name; set => _name = value; } [IgnoreDataMember] private int _cache; "
                + "[IgnoreDataMember] public object? Tag { get; set; } [NonSerialized] private int _other; public "
                + "static int Count; public const int Max = 3; public int Use() => _cache + _other; } [IpcInterface] "
                + "public interface IService { void Take(A a); }",
        ["References inside values"] =
            "namespace Demo; [IpcInterface] public interface INode; public record Link(INode Node, INode? Other, "
                + "Action<int>? Callback, IDisposable Owner); [IpcInterface] public interface IService { Link "
                + "Get(List<INode> nodes, Dictionary<string, Func<int>?> f); }",
        ["Delegates of every kind"] =
            "namespace Demo; public delegate Task<T?> Loader<in K, T>(K key, CancellationToken token); public delegate "
                + "void Sink(ref int a, out string b, in long c, params int[] d); public delegate IDisposable? "
                + "Opener(string? name, Action<Action<int>> f); [IpcInterface] public interface IService { void "
                + "A(Loader<string, int> a, Loader<int, string> b, Sink c, Opener? d, Func<ValueTask<string?>> e, "
                + "Func<Task> f, Func<ValueTask> g, Predicate<string> h, Comparison<int[]> i, EventHandler j, "
                + "EventHandler<int> k, Action<string> l, Action<string?> m); }",
        ["Bytes where they arrived"] =
            "namespace Demo; public delegate int Sink(ReadOnlySpan<byte> bytes); [IpcInterface] public interface "
                + "IService { void A(ReadOnlySpan<byte> a, scoped ReadOnlySpan<byte> b, params ReadOnlySpan<byte> c); "
                + "Task B(int a, ReadOnlySpan<byte> b); [IpcOneWay] void C(ReadOnlySpan<byte> a); int D(Sink sink); }",
        ["Progress"] =
            "namespace Demo; public record Step(string Name); [IpcInterface] public interface IService { Task "
                + "RunAsync(IProgress<Step> progress, CancellationToken token); void Run(IProgress<int>? progress, "
                + "IProgress<string> text, IProgress<string?> other); }",
        ["Event arguments"] =
            "namespace Demo; public class MovedEventArgs(int x) : EventArgs { public int X { get; } = x; } "
                + "[IpcInterface] public interface IService { event EventHandler<MovedEventArgs>? Moved; event "
                + "EventHandler Closed; event Action<int, string?> Raised; event Func<Task>? Asked; }",
        ["Tasks that may be null"] =
            "namespace Demo; [IpcInterface] public interface IService { Task? A(); Task<int>? B(); Task<string?>? C(); "
                + "Func<Task?>? D(); }",
        ["A default method"] =
            "namespace Demo; [IpcInterface] public interface IService { int A() => 1; int B { get => 2; } sealed int "
                + "C() => 3; private int D() => 4; static int E() => 5; class Nested; const int F = 6; }",
        ["Disposal"] =
            "namespace Demo; [IpcInterface] public interface IService : IDisposable, IAsyncDisposable { void Close(); "
                + "} [IpcInterface] public interface IOther : IDisposable { new void Dispose(); Task DisposeAsync(); }",
        ["Default values"] =
            "namespace Demo; [IpcInterface] public interface IService { void A(int a = 3, string? b = \"x\", "
                + "CancellationToken c = default, DayOfWeek d = DayOfWeek.Monday, params int[] e); }",
        ["Documentation"] =
            "namespace Demo; /// <summary>S.</summary>\n[IpcInterface]\npublic interface IService { /// "
                + "<summary>R.</summary>\n/// <param name=\"a\">A.</param>\n/// <returns>B.</returns>\n int Run(int "
                + "a); }",
        ["An obsolete member"] =
            "namespace Demo; [IpcInterface] public interface IService { [Obsolete] void Old(); [Obsolete(\"x\")] int "
                + "Size { get; } }",
        ["An obsolete contract"] =
            "namespace Demo; [Obsolete(\"x\")] [IpcInterface] public interface IService { void Run(int a); [Obsolete] "
                + "public record Inner(int A); Inner Make(); }",
        ["An obsolete base"] =
            "namespace Demo; public interface IService { [Obsolete] void Old(); } [Obsolete] [IpcInterface] public "
                + "interface IOther { int Get(); } [Obsolete] [IpcInterface] public interface IMore : IOther, IService "
                + "{ IOther[] All { get; } }",
        ["Obsolete members of values"] =
            "namespace Demo; public class Row { [Obsolete] public int A { get; set; } [Obsolete(\"x\")] public int B; "
                + "[Obsolete] public Row() { } } public record Line([property: Obsolete(\"y\")] int A); [IpcInterface] "
                + "public interface IService { Row Swap(Row row, Line line, Row?[] rows); } [IpcFault] public sealed "
                + "class Old : Exception { [Obsolete] public int Code { get; init; } }",
        ["An obsolete case"] =
            "namespace Demo; [IpcUnion(0, typeof(Disc)), IpcUnion(1, typeof(Square))] public abstract record Shape; "
                + "public record Disc(int A) : Shape; [Obsolete] public record Square(int A) : Shape; [IpcInterface] "
                + "public interface IService { Shape Swap(Shape shape); }",
        ["Obsolete with an id of one's own"] =
            "namespace Demo; [Obsolete(\"x\", DiagnosticId = \"DEMO001\")] public record Row(int A); public class Line "
                + "{ [Obsolete(\"x\", DiagnosticId = \"DEMO002\")] public int A { get; set; } } [IpcInterface] public "
                + "interface IService { [Obsolete(\"x\", DiagnosticId = \"DEMO003\")] Row? Swap(Line line); }",
        ["What is experimental"] =
            "#pragma warning disable\nnamespace Demo; [Experimental(\"DEMO001\")] public record Row(int A); public "
                + "static class Holder { [Experimental(\"DEMO002\")] public static class Inner { public enum Kind { A "
                + "} public delegate void Run(Kind kind); } } [Experimental(\"DEMO003\")] [IpcInterface] public "
                + "interface IService { [Experimental(\"DEMO004\")] Row Swap(Row row, Holder.Inner.Kind kind, "
                + "Holder.Inner.Run run, List<Row> rows); } [IpcInterface] public interface IOther { "
                + "[Experimental(\"DEMO005\")] IService Get(); [Experimental(\"DEMO006\")] event EventHandler? "
                + "Changed; [Experimental(\"DEMO007\")] int Size { get; set; } }",
        ["A constructor that nobody may call"] =
            "namespace Demo; public class Row { [Obsolete(\"for a serializer\", true)] public Row() { } public Row(int "
                + "size) { Size = size; } public int Size { get; set; } } [IpcInterface] public interface IService { "
                + "Row Get(); }",
        ["Values with nullability attributes"] =
            "namespace Demo; public class Row { [AllowNull] public string A { get; set; } = \"\"; [DisallowNull] "
                + "public string? B { get; set; } [MaybeNull] public string C { get; init; } = \"\"; [NotNull] public "
                + "string? D { get => field ?? \"\"; set; } } public record Line([AllowNull] string A, [property: "
                + "MaybeNull] string B); [IpcInterface] public interface IService { Row Swap(Row row, Line line); "
                + "[return: MaybeNull] string Find([DisallowNull] string? a, [AllowNull] string b); }",
        ["Delegates with nullability attributes"] =
            "namespace Demo; public delegate bool TryGet(string key, [NotNullWhen(true)] out string? value); public "
                + "delegate bool TryFind(string key, [MaybeNullWhen(false)] out string value); [return: "
                + "NotNullIfNotNull(nameof(text))] public delegate string? Map([AllowNull] string text); [return: "
                + "MaybeNull] public delegate string Find([DisallowNull] string? text); [IpcInterface] public "
                + "interface IService { void Use(TryGet get, TryFind find, Map map, Find other); event Map? Mapped; "
                + "TryGet Get(); }",
        ["An obsolete alias as a default"] =
            "namespace Demo; public enum Mode { Off = 0, [Obsolete(\"renamed to Current\")] Legacy = 1, Current = 1, "
                + "[Obsolete] Old = 2 } public record Options(int Size, Mode Mode = Mode.Current); [IpcInterface] "
                + "public interface IService { Options Echo(Options o, Mode m = Mode.Current); }",
        ["Obsolete accessors"] =
            "namespace Demo; public class Row { public int A { get; [Obsolete(\"set B instead\")] set; } public int B "
                + "{ [Obsolete(\"x\", DiagnosticId = \"DEMO001\")] get; set; } } [IpcInterface] public interface "
                + "IService { Row Echo(Row o); int C { [Obsolete] get; [Obsolete(\"y\")] set; } }",
        ["Obsolete as an error, in what is obsolete"] =
            "namespace Demo; [Obsolete(\"gone\", true)] public record Old(int A, Old? B, Kind K = Kind.A); "
                + "[Obsolete(\"gone\", true)] public enum Kind { A } [Obsolete(\"gone\", true)] public delegate Old "
                + "Make(Kind kind); [Obsolete(\"going\")] [IpcInterface] public interface IService { Old Get(Make "
                + "make, List<Old?> all); event Make E; Old P { get; set; } } [Obsolete(\"gone\", true)] "
                + "[IpcInterface] public interface IGone { Task<Old> GetAsync(); }",
        ["Experimental accessors"] =
            "#pragma warning disable DEMO001, DEMO002\nnamespace Demo; public class Row { public int A { get; "
                + "[Experimental(\"DEMO001\")] set; } } [IpcInterface] public interface IService { Row Echo(Row o); "
                + "int C { get; [Experimental(\"DEMO002\")] set; } }",
        ["Delegates with constraints"] =
            "namespace Demo; public delegate TR Conv1<TR>(int a) where TR : class; public delegate TR Conv2<in TA, out "
                + "TR>(TA a); public delegate TR Conv3<TR>(int a) where TR : notnull; public delegate void Conv4<T>(T "
                + "a) where T : IDisposable; public delegate void Conv5<T>(T a) where T : class?; public delegate T "
                + "Conv6<T, U>(U a) where T : U where U : class; public delegate T Conv7<T>(T a) where T : struct; "
                + "public delegate Conv1<T> Conv8<T>(Conv1<T> a, T[] b, List<T> c) where T : class; [IpcInterface] "
                + "public interface IService { void A(Conv1<string> a, Conv2<int, string> b, Conv3<string> c, "
                + "Conv4<IDisposable> d, Conv5<string> e, Conv5<string?> f, Conv6<string, string> g, Conv7<int> h, "
                + "Conv8<string> i, List<Conv1<string>?> j); event Conv1<string> E; }",
        ["Generic contracts and values with constraints"] =
            "namespace Demo; [IpcInterface] public interface IGen<T> where T : class { T A(T t); Task<T> B(List<T> t); "
                + "event Action<T>? E; Box<T> Box { get; } } public record Box<T>(T V) where T : class; public class "
                + "Bag<T> where T : notnull { public required T V { get; set; } public T[] All { get; set; } = []; } "
                + "[IpcInterface] public interface IService { IGen<string> H(); Box<string> H(Box<string> b); "
                + "Bag<string> H(Bag<string> b, Bag<int>? c); void I(IGen<Box<string>> g); IGen<string>? J(); }",
        ["Many faults"] =
            "namespace Demo; [IpcFault] public class A : Exception; [IpcFault] public class B : Exception { public "
                + "B(string m) : base(m) { } } [IpcFault] public sealed class C : ArgumentExceptionBase { public "
                + "C(string message, Exception innerException) : base(message, innerException) { } public List<int>? "
                + "Rows { get; set; } public Action? Retry { get; init; } } public class ArgumentExceptionBase : "
                + "Exception { public ArgumentExceptionBase(string? message, Exception? inner) : base(message, inner) "
                + "{ } public int Code { get; set; } } public class Outer { [IpcFault] public class A : Exception { "
                + "public A(int code) { Code = code; } public int Code { get; } } }",
        ["Faults that derive from the framework's"] =
            "namespace Demo; [IpcFault] public class ConfigException : InvalidOperationException { public "
                + "ConfigException(string key) : base(key + \" is wrong\") { Key = key; } public string Key { get; } } "
                + "[IpcFault] public sealed class DeepException(string message, Exception inner) : ConfigBase(message, "
                + "inner); public class ConfigBase(string message, Exception inner) : System.IO.IOException(message, "
                + "inner) { public int Line { get; init; } } [IpcFault] public sealed class StopException : "
                + "OperationCanceledException;",
        ["Sequences with a token"] =
            "namespace Demo; public delegate IAsyncEnumerable<int> Many(CancellationToken stop); [IpcInterface] public "
                + "interface IService { IAsyncEnumerable<int> Get(CancellationToken ipcToken, out int count); "
                + "IAsyncEnumerable<string?>? Find(CancellationToken c = default); Many All(); IAsyncEnumerable<int> "
                + "Default(CancellationToken c) => Get(c, out _); }",
        ["Nothing at all"] = "namespace Demo; [IpcInterface] public interface IService;",
    };

    private static IEnumerable<string> Names => s_contracts.Keys;

    [TestCaseSource(nameof(Names))]
    public void Unusual_contract_compiles(string name)
    {
        GeneratorRun.GenerateAndCompile(Usings + s_contracts[name]);
    }

    [TestCaseSource(nameof(Names))]
    public void Contract_in_code_without_nullability_compiles(string name)
    {
        string source = s_contracts[name];

        GeneratorRun.GenerateAndCompile(GeneratorRun.Compile(NullableContextOptions.Disable, Usings + source));
    }

    [Test]
    public void Global_usings_of_the_project_cannot_make_a_name_ambiguous()
    {
        const string usings = "global using Clash; global using IpcReference = Clash.Int32Codec;";
        const string clash =
            "namespace Clash; public class Int32Codec; public class IpcProxy; public class StringCodec; public class "
                + "IIpcCodec<T>; public class MessagePackReader;";
        const string contract =
            Usings
                + "namespace Demo { public record Person(string Name); [IpcInterface] public interface IService { "
                + "Person Get(int a, Action<int> f); } }";

        GeneratorRun.GenerateAndCompile(usings, clash, contract);
    }

    [Test]
    public void Contract_of_another_assembly_is_not_generated_again()
    {
        var contracts = GeneratorRun.Compile(
            "namespace Contracts; [Multiprocess.IpcInterface] public interface IShared { void Run(); } public record "
                + "Data(string Name, int Size = 3);");
        var user = GeneratorRun.Compile(
            "namespace Demo; [Multiprocess.IpcInterface] public interface IService { Contracts.IShared "
                + "Get(Contracts.Data data); }")
            .AddReferences(contracts.ToMetadataReference());

        var generated = GeneratorRun.GenerateAndCompile(user);

        Assert.That(generated.Select(file => file.HintName), Is.EquivalentTo(new[] { "Demo.IService.g.cs" }));
    }

    [Test]
    public void Type_that_one_place_converts_keeps_its_shape_elsewhere()
    {
        const string source = Usings + """
            namespace Demo;
            public record Row(int Id);
            public class RowConverter : IIpcConverter<Row>
            {
                public static void Write(ref MessagePack.MessagePackWriter writer, Row value) => writer.Write(value.Id);
                public static Row Read(ref MessagePack.MessagePackReader reader) => new(reader.ReadInt32());
            }
            [IpcInterface] public interface IService { void Take(Row row); void Put([IpcConverter(typeof(RowConverter))] List<Row> rows); }
            """;

        string code = GeneratorRun.GenerateAndCompile(source)[0].SourceText.ToString();

        Assert.That(code, Does.Contain("> record Demo.Row").And.Not.Contains("> converted Demo.Row"));
    }

    [Test]
    public void Attributes_of_MessagePacks_name_that_are_not_the_packages_mean_nothing()
    {
        // In source, so the compiler takes it rather than the package's.
        var generated = GeneratorRun.Generate(GeneratorRun.Compile(Usings + """
            namespace MessagePack
            {
                public sealed class MessagePackObjectAttribute : Attribute;
                public sealed class KeyAttribute(int key) : Attribute { public int Key => key; }
            }

            namespace Demo
            {
                [global::MessagePack.MessagePackObject] public class Row { [global::MessagePack.Key(5)] public int A { get; set; } }
                [IpcInterface] public interface IService { void Take(Row row); }
            }
            """));

        Assert.That(generated[0].SourceText.ToString(), Does.Contain("> record Demo.Row"));
    }

    [Test]
    public void Contract_of_150_methods_generates()
    {
        var methods = Enumerable.Range(0, 150)
            .Select(
                i
                    => $"Task<Person{i % 10}> Method{i}Async(int a, string b, List<Person{i % 10}> c, "
                        + $"CancellationToken d = default);");
        var records = Enumerable.Range(0, 10).Select(
            i => $"public record Person{i}(string Name, int Age, Person{i}? Next);");

        var generated = GeneratorRun.GenerateAndCompile(
            $"{Usings} namespace Demo; {string.Concat(records)} [IpcInterface] public interface ILarge {{ {string.Concat(methods)} }}");

        Assert.That(generated[0].SourceText.ToString().Split("StartAsyncCall(").Length - 1, Is.EqualTo(150));
    }
}
