namespace Multiprocess.Generator.Tests.Versions;

/// <summary>Old and new versions of a contract's methods, in both directions.</summary>
[CancelAfter(60_000)]
public sealed class MethodChangeTests
{
    private static readonly Change[] s_changes =
    [
        new("added method",
            new("int A(int x);", "public int A(int x) => x;", "root.A(1)"),
            new("int A(int x); int B(int x);", "public int A(int x) => x; public int B(int x) => -x;", "root.A(1)"),
            OldClient: ["1"],
            NewClient: ["1"]),
        new("added method that is called",
            new("int A(int x);", "public int A(int x) => x;", "root.A(1)"),
            new("int A(int x); int B(int x);", "public int A(int x) => x; public int B(int x) => -x;", "root.B(1)"),
            OldClient: ["1"],
            NewClient:
            [
                "MethodMissing", "Demo.IContract lacks B(System.Int32):System.Int32", "no method of that name"
            ]),
        new("reordered methods",
            new(
                "int A(int x); int B(int x); string C { get; }",
                "public int A(int x) => x; public int B(int x) => -x; public string C => \"c\";",
                "root.A(1) + root.B(2) + root.C"),
            new(
                "string C { get; } int B(int x); int A(int x);",
                "public int A(int x) => x; public int B(int x) => -x; public string C => \"c\";",
                "root.A(1) + root.B(2) + root.C"),
            OldClient: ["-1c"],
            NewClient: ["-1c"]),
        new("renamed parameter",
            new("int A(int x, string y);", "public int A(int x, string y) => x;", "root.A(x: 1, y: \"\")"),
            new(
                "int A(int first, string second);",
                "public int A(int first, string second) => first;",
                "root.A(first: 1, second: \"\")"),
            OldClient: ["1"],
            NewClient: ["1"]),
        new("changed nullability",
            new("string A(string x);", "public string A(string x) => x;", "root.A(\"a\")"),
            new("string? A(string? x);", "public string? A(string? x) => x;", "root.A(\"a\")!"),
            OldClient: ["a"],
            NewClient: ["a"]),
        new("changed parameter type",
            new("int A(int x);", "public int A(int x) => x;", "root.A(1)"),
            new("int A(long x);", "public int A(long x) => (int)x;", "root.A(1)"),
            OldClient:
            [
                "MethodMissing",
                "Demo.IContract lacks A(System.Int32):System.Int32",
                "It has A(System.Int64):System.Int32."
            ],
            NewClient:
            [
                "MethodMissing",
                "Demo.IContract lacks A(System.Int64):System.Int32",
                "It has A(System.Int32):System.Int32."
            ]),
        new("changed result type",
            new("int A();", "public int A() => 1;", "root.A()"),
            new("int? A();", "public int? A() => 1;", "root.A()"),
            OldClient: ["MethodMissing", "lacks A():System.Int32:", "It has A():System.Int32?."],
            NewClient: ["MethodMissing", "lacks A():System.Int32?:", "It has A():System.Int32."]),
        new("changed parameter type of an asynchronous method",
            new(
                "Task<int> A(int x);",
                "public Task<int> A(int x) => Task.FromResult(x);",
                "root.A(1).GetAwaiter().GetResult()"),
            new(
                "Task<int> A(long x);",
                "public Task<int> A(long x) => Task.FromResult((int)x);",
                "root.A(1).GetAwaiter().GetResult()"),
            OldClient: ["MethodMissing", "lacks A(System.Int32):", "It has A(System.Int64):"],
            NewClient: ["MethodMissing", "lacks A(System.Int64):", "It has A(System.Int32):"]),
        new("changed overload",
            new(
                "int A(int x); int A(string x);",
                "public int A(int x) => x; public int A(string x) => 0;",
                "root.A(1)"),
            new(
                "int A(long x); int A(string x);",
                "public int A(long x) => (int)x; public int A(string x) => 0;",
                "root.A(1)"),
            OldClient: ["It has A(System.Int64):System.Int32 and A(System.String):System.Int32."],
            NewClient: ["It has A(System.Int32):System.Int32 and A(System.String):System.Int32."]),
        new("changed parameter type under a given id",
            new("[IpcMethod(7)] int A(int x);", "public int A(int x) => x;", "root.A(1)"),
            new("[IpcMethod(7)] int A(string x);", "public int A(string x) => 0;", "root.A(\"1\")"),
            OldClient:
            [
                "VersionMismatch",
                "Expected the signature A(System.String):System.Int32, got A(System.Int32):System.Int32"
            ],
            NewClient:
            [
                "VersionMismatch",
                "Expected the signature A(System.Int32):System.Int32, got A(System.String):System.Int32"
            ]),
        new("added default member",
            new("int A(int x);", "public int A(int x) => x;", "root.A(1)"),
            new(
                "int A(int x); int Twice(int x) => 2 * A(x);",
                "public int A(int x) => x; public int Twice(int x) => 100;",
                "root.Twice(1)"),
            OldClient: ["1"],
            NewClient: ["2"]),
        new("default member whose type changed",
            new(
                "int A(int x); int B(Value x) => 1;",
                "public int A(int x) => x; public int B(Value x) => 2;",
                "root.B(new(1))",
                "public record Value(int X);"),
            new(
                "int A(int x); int B(Value x) => 3;",
                "public int A(int x) => x; public int B(Value x) => 4;",
                "root.B(new(1))",
                "public record Value(long X);"),
            OldClient: ["VersionMismatch", "'X: System.Int32 = default'", "'X: System.Int64 = default'"],
            NewClient: ["VersionMismatch", "'X: System.Int32 = default'", "'X: System.Int64 = default'"]),
        new("method that became one-way",
            new("void A(int x);", "public void A(int x) { }", "Run(() => root.A(1), () => 5)"),
            new("[IpcOneWay] void A(int x);", "public void A(int x) { }", "Run(() => root.A(1), () => 5)"),
            OldClient: ["5"],
            NewClient: ["5"]),
        new("one-way call with a type that changed",
            new(
                "[IpcOneWay] void A(Value x); int Count { get; }",
                "public void A(Value x) => Count++; public int Count { get; private set; }",
                "Run(() => root.A(new(1)), () => root.Count)",
                "public record Value(int X);"),
            new(
                "[IpcOneWay] void A(Value x); int Count { get; }",
                "public void A(Value x) => Count++; public int Count { get; private set; }",
                "Run(() => root.A(new(1)), () => root.Count)",
                "public record Value(string Y, int Z) { public Value(int z) : this(\"\", z) { } }"),
            OldClient: ["0"],
            NewClient: ["0"]),
    ];

    private static IEnumerable<TestCaseData> Matrix =>
        from change in s_changes
        from clientIsOld in new[] { true, false }
        select new TestCaseData(change, clientIsOld, clientIsOld ? change.OldClient : change.NewClient)
            .SetArgDisplayNames(change.Name, clientIsOld ? "old client, new server" : "new client, old server");

    [TestCaseSource(nameof(Matrix))]
    public void Change_works_or_is_refused_with_both_signatures(object change, bool clientIsOld, string[] expected)
    {
        var (_, old, @new, _, _) = (Change)change;

        string outcome = Peers.Call((clientIsOld ? old : @new).Source, (clientIsOld ? @new : old).Source, "");

        foreach (string part in expected)
        {
            Assert.That(outcome, Does.Contain(part));
        }

        Assert.That(outcome, Does.Not.StartWith("The connection ended."));
    }

    /// <summary>One version of the contract: its members, how they are served, and what the client calls.</summary>
    private sealed record Version(string Members, string Service, string Call, string Types = "")
    {
        public string Source => $$"""
            {{Types}}

            [IpcInterface]
            public interface IContract
            {
                {{Members}}
            }

            public sealed class Service : IContract
            {
                {{Service}}
            }

            public static class Program
            {
                public static string Call(IContract root, string what) => System.Convert.ToString({{Call}})!;

                private static int Run(Action first, Func<int> second)
                {
                    first();
                    return second();
                }
            }
            """;
    }

    private sealed record Change(string Name, Version Old, Version New, string[] OldClient, string[] NewClient);
}
