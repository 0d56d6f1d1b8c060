namespace Multiprocess.Generator.Tests.Versions;

/// <summary>
/// Old and new versions of a type that crosses by value: every change, in both directions, wherever a type can stand.
/// </summary>
[CancelAfter(60_000)]
public sealed class TypeChangeTests
{
    private const string Mismatch = "was not run: the two sides have different versions of what it carries.";

    /// <summary>A parameter by reference: both sides write it.</summary>
    private const string Both = "Ref";

    /// <summary>Where the type stands, and who writes it then: the client, or the server.</summary>
    private static readonly (string Use, bool ClientWrites)[] s_uses =
    [
        ("Argument", true),
        ("Result", false),
        ("AsyncArgument", true),
        ("AsyncResult", false),
        ("Nested", false),
        ("Items", false),
        ("ItemsSent", true),
        ("Delegate", false),
        ("DelegateResult", true),
        ("Callback", false),
        ("Property", false),
        (Both, true),
    ];

    private static readonly Change[] s_changes =
    [
        new("added member with default",
            new("record Value(string Name)", "new(\"a\")"),
            new("record Value(string Name, int Age = 18)", "new(\"a\", 7)"),
            OldToNew: ["Value { Name = a, Age = 18 }"],
            NewToOld: ["Value { Name = a }"]),
        new("added member of a class with init",
            new(
                "class Value { public string Name { get; init; } = \"\"; public override string ToString() => Name; }",
                "new() { Name = \"a\" }"),
            new(
                "class Value { public string Name { get; init; } = \"\"; public int Age { get; init; } public override "
                    + "string ToString() => Name + Age; }",
                "new() { Name = \"a\", Age = 7 }"),
            OldToNew: ["a0"],
            NewToOld: ["a"]),
        new("added member without default",
            new("record Value(int Age)", "new(7)"),
            new("record Value(int Age, string Name)", "new(7, \"a\")"),
            OldToNew: [Mismatch, "Demo.Value", "'Name'", "'Name: System.String'", "none"],
            NewToOld: ["Value { Age = 7 }"]),
        new("removed last member without default",
            new("record Value(int Age, string Name)", "new(7, \"a\")"),
            new("record Value(int Age)", "new(7)"),
            OldToNew: ["Value { Age = 7 }"],
            NewToOld: [Mismatch, "Demo.Value", "'Name'", "'Name: System.String'", "none"]),
        new("removed first member",
            new("record Value(string Name, int Age)", "new(\"a\", 7)"),
            new("record Value(int Age)", "new(7)"),
            OldToNew: [Mismatch, "Demo.Value", "'Name: System.String'", "'Age: System.Int32 = default'"],
            NewToOld: [Mismatch, "Demo.Value", "'Name: System.String'", "'Age: System.Int32 = default'"]),
        new("reordered members",
            new("record Value(int X, int Y)", "new(1, 2)"),
            new("record Value(int Y, int X)", "new(1, 2)"),
            OldToNew: [Mismatch, "Demo.Value", "'X: System.Int32 = default'", "'Y: System.Int32 = default'"],
            NewToOld: [Mismatch, "Demo.Value", "'X: System.Int32 = default'", "'Y: System.Int32 = default'"]),
        new("changed member type",
            new("record Value(string Name, int Age)", "new(\"a\", 7)"),
            new("record Value(string Name, long Age)", "new(\"a\", 7)"),
            OldToNew: [Mismatch, "Demo.Value", "'Age: System.Int32 = default'", "'Age: System.Int64 = default'"],
            NewToOld: [Mismatch, "Demo.Value", "'Age: System.Int32 = default'", "'Age: System.Int64 = default'"]),
        new("changed member type inside",
            new("record Value(List<Inner> Inners); public record Inner(int Id)", "new([new(1)])"),
            new("record Value(List<Inner> Inners); public record Inner(string Id)", "new([new(\"1\")])"),
            OldToNew: [Mismatch, "Demo.Inner", "'Id: System.Int32 = default'", "'Id: System.String'"],
            NewToOld: [Mismatch, "Demo.Inner", "'Id: System.Int32 = default'", "'Id: System.String'"]),
        new("nullability of members",
            new("record Value(string Name, int Age)", "new(\"a\", 7)"),
            new("record Value(string? Name, int Age)", "new(\"a\", 7)"),
            OldToNew: ["Value { Name = a, Age = 7 }"],
            NewToOld: ["Value { Name = a, Age = 7 }"]),
        new("added enum value that is not sent",
            new("enum Value { Red, Green }", "Value.Green"),
            new("enum Value { Red, Green, Blue }", "Value.Green"),
            OldToNew: ["Green"],
            NewToOld: ["Green"]),
        new("added enum value that is sent",
            new("enum Value { Red, Green }", "Value.Green"),
            new("enum Value { Red, Green, Blue }", "Value.Blue"),
            OldToNew: ["Green"],
            NewToOld: ["Demo.Value has no value 2 here."]),
        new("changed enum value",
            new("enum Value { Red, Green }", "Value.Green"),
            new("enum Value { Red, Blue, Green }", "Value.Green"),
            OldToNew: [Mismatch, "Demo.Value", "'Green = 1'", "'Green = 2'"],
            NewToOld: [Mismatch, "Demo.Value", "'Green = 1'", "'Green = 2'"]),
        new("enum that became a record",
            new("enum Value { Red, Green }", "Value.Green"),
            new("record Value(int Red)", "new(1)"),
            OldToNew: [Mismatch, "'enum Demo.Value: System.Int32'", "'record Demo.Value'"],
            NewToOld: [Mismatch, "'enum Demo.Value: System.Int32'", "'record Demo.Value'"]),
        new("added union case that is not sent",
            new("abstract record Value; public record A(int X) : Value", "new A(1)", "[IpcUnion(1, typeof(A))]"),
            new(
                "abstract record Value; public record A(int X) : Value; public record B(int Y) : Value",
                "new A(1)",
                "[IpcUnion(1, typeof(A)), IpcUnion(2, typeof(B))]"),
            OldToNew: ["A { X = 1 }"],
            NewToOld: ["A { X = 1 }"]),
        new("added union case that is sent",
            new("abstract record Value; public record A(int X) : Value", "new A(1)", "[IpcUnion(1, typeof(A))]"),
            new(
                "abstract record Value; public record A(int X) : Value; public record B(int Y) : Value",
                "new B(1)",
                "[IpcUnion(1, typeof(A)), IpcUnion(2, typeof(B))]"),
            OldToNew: ["A { X = 1 }"],
            NewToOld: ["The union Value has no case with the key 2: the two sides have different versions of it."]),
        new("union case under another key",
            new(
                "abstract record Value; public record A(int X) : Value; public record B(int Y) : Value",
                "new A(1)",
                "[IpcUnion(1, typeof(A)), IpcUnion(2, typeof(B))]"),
            new(
                "abstract record Value; public record A(int X) : Value; public record B(int Y) : Value",
                "new A(1)",
                "[IpcUnion(2, typeof(A)), IpcUnion(1, typeof(B))]"),
            OldToNew: [Mismatch, "Demo.Value", "'1: Demo.A'", "'1: Demo.B'"],
            NewToOld: [Mismatch, "Demo.Value", "'1: Demo.A'", "'1: Demo.B'"]),
    ];

    private static IEnumerable<TestCaseData> Matrix =>
        from change in s_changes
        from use in s_uses
        from clientIsOld in new[] { true, false }
        let first = clientIsOld == use.ClientWrites ? change.OldToNew : change.NewToOld
        let other = clientIsOld == use.ClientWrites ? change.NewToOld : change.OldToNew
        let expected = use.Use == Both && other[0] == Mismatch ? other : first
        select new TestCaseData(change, use.Use, clientIsOld, expected)
            .SetArgDisplayNames(
                change.Name, use.Use, clientIsOld ? "old client, new server" : "new client, old server");

    [TestCaseSource(nameof(Matrix))]
    public void Change_works_or_is_refused_with_member_and_both_versions(
        object change, string use, bool clientIsOld, string[] expected)
    {
        var (old, @new) = ((Change)change).Sources;

        string outcome = Peers.Call(clientIsOld ? old : @new, clientIsOld ? @new : old, use);

        foreach (string part in expected)
        {
            Assert.That(outcome, Does.Contain(part));
        }

        Assert.That(outcome, Does.Not.StartWith("The connection ended."));
        if (expected[0] == Mismatch)
        {
            // What a callback is refused with, the server's method passes on.
            Assert.That(
                outcome,
                Does.Match(
                    @"^(VersionMismatch|Remote: Multiprocess\.IpcException): (Demo\.IContract|Demo\.IVisitor|System\.Func<.*>)\.\w+ was not run"));
        }
    }

    /// <summary>One version of the type: its declaration, and a value of it.</summary>
    private sealed record Version(string Declaration, string Value, string Attributes = "")
    {
        public string Source => Attributes + " public " + Declaration + (Declaration.EndsWith('}') ? "" : ";") + """


            [IpcInterface]
            public interface IVisitor
            {
                string Visit(Value value);
            }

            [IpcInterface]
            public interface IContract
            {
                Value Property { get; }
                string Argument(Value value);
                Value Result();
                Task<string> AsyncArgument(Value value);
                Task<Value> AsyncResult();
                Dictionary<string, List<Value[]>> Nested();
                IAsyncEnumerable<Value> Items();
                Task<string> ItemsSent(IAsyncEnumerable<Value> items);
                string Delegate(Func<Value, string> visit);
                string DelegateResult(Func<Value> give);
                string Callback(IVisitor visitor);
                string Ref(ref Value value);
            }

            public sealed class Visitor : IVisitor
            {
                public string Visit(Value value) => value.ToString()!;
            }

            public sealed class Service : IContract
            {
                private static Value Make() => VALUE;

                public Value Property => Make();

                public string Argument(Value value) => value.ToString()!;

                public Value Result() => Make();

                public async Task<string> AsyncArgument(Value value)
                {
                    await Task.Yield();
                    return value.ToString()!;
                }

                public async Task<Value> AsyncResult()
                {
                    await Task.Yield();
                    return Make();
                }

                public Dictionary<string, List<Value[]>> Nested() => new() { ["a"] = [[Make()]] };

                public async IAsyncEnumerable<Value> Items()
                {
                    await Task.Yield();
                    yield return Make();
                }

                public async Task<string> ItemsSent(IAsyncEnumerable<Value> items)
                {
                    await foreach (var item in items)
                    {
                        return item.ToString()!;
                    }

                    return "none";
                }

                public string Delegate(Func<Value, string> visit) => visit(Make());

                public string DelegateResult(Func<Value> give) => give().ToString()!;

                public string Callback(IVisitor visitor) => visitor.Visit(Make());

                public string Ref(ref Value value) => value.ToString()!;
            }

            public static class Program
            {
                public static string Call(IContract root, string what)
                {
                    Value value = VALUE;
                    return what switch
                    {
                        "Argument" => root.Argument(value),
                        "Result" => root.Result().ToString()!,
                        "AsyncArgument" => root.AsyncArgument(value).GetAwaiter().GetResult(),
                        "AsyncResult" => root.AsyncResult().GetAwaiter().GetResult().ToString()!,
                        "Nested" => root.Nested()["a"][0][0].ToString()!,
                        "Items" => First(root.Items()).GetAwaiter().GetResult(),
                        "ItemsSent" => root.ItemsSent(new Service().Items()).GetAwaiter().GetResult(),
                        "Delegate" => root.Delegate(given => given.ToString()!),
                        "DelegateResult" => root.DelegateResult(() => VALUE),
                        "Callback" => root.Callback(new Visitor()),
                        "Property" => root.Property.ToString()!,
                        "Ref" => root.Ref(ref value),
                        _ => throw new ArgumentException(what),
                    };
                }

                private static async Task<string> First(IAsyncEnumerable<Value> items)
                {
                    await foreach (var item in items)
                    {
                        return item.ToString()!;
                    }

                    return "none";
                }
            }
            """.Replace("VALUE", Value, StringComparison.Ordinal);
    }

    /// <summary>A change, and what comes of it: parts of the value as the reader shows it, or of the refusal.</summary>
    private sealed record Change(string Name, Version Old, Version New, string[] OldToNew, string[] NewToOld)
    {
        public (string Old, string New) Sources => (Old.Source, New.Source);
    }
}
