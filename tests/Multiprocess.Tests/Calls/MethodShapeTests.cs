using Multiprocess.Incoming;
using Multiprocess.Versions;

namespace Multiprocess.Tests.Calls;

/// <summary>The rules by which two versions of a method fit, on texts: what the document says, line by line.</summary>
public sealed class MethodShapeTests
{
    [TestCase("record", "A: System.Int32", "A: System.Int32", null, null)]
    [TestCase("record", "A: System.Int32", "A: System.Int32 = default", null, null)]
    [TestCase("record", "A: System.Int32|B: System.Int32 = default", "A: System.Int32", null, null)]
    [TestCase("record", "A: System.String|B: System.String", "A: System.String", "'B'", null)]
    [TestCase("record", "A: System.String", "A: System.String|B: System.String", null, "'B'")]
    [TestCase("record", "A: System.Int32|B: System.Int32", "B: System.Int32|A: System.Int32", "'A'", "'A'")]
    [TestCase("record", "A: System.Int32", "A: System.Int64", "'A: System.Int32'", "'A: System.Int64'")]
    [TestCase("keyed", "0 A: System.Int32|2 B: System.Int32 = default", "0 Renamed: System.Int32", null, null)]
    [TestCase(
        "keyed",
        "0 A: System.Int32 = default|1 B: System.Int32 = default|2 C: System.Int32 = default",
        "0 A: System.Int32|2 C: System.Int32",
        "gap",
        null)]
    [TestCase("keyed", "0 A: System.Int32", "0 A: System.Int64", "'0 A'", "'0 A'")]
    [TestCase("map", "\"a: b\": System.Int32|\"b\": System.String = default", "\"a: b\": System.Int32", null, null)]
    [TestCase("map", "\"a\": System.Int32|\"b\": System.Int32", "\"b\": System.Int32|\"a\": System.Int32", null, null)]
    [TestCase("map", "\"a\": System.String", "\"b\": System.String", "\"a\"", "\"b\"")]
    [TestCase("enum", "Red = 0|Green = 1", "Red = 0|Blue = 2", null, null)]
    [TestCase("enum", "Red = 0", "Red = 1", "'Red = 0'", "'Red = 1'")]
    [TestCase("union", "1: Demo.A", "1: Demo.A|2: Demo.B", null, null)]
    [TestCase("union", "1: Demo.A", "1: Demo.B", "'1: Demo.A'", "'1: Demo.B'")]
    [TestCase("converted", "", "", null, null)]
    public void Sides_fit_or_a_sentence_names_the_member(
        string kind, string callee, string caller, string? inArguments, string? inResults)
    {
        AssertOutcome(MethodShape.Compare(Shape(">", kind, callee), Shape(">", kind, caller)), inArguments);
        AssertOutcome(MethodShape.Compare(Shape("<", kind, callee), Shape("<", kind, caller)), inResults);
        AssertOutcome(
            MethodShape.Compare(Shape("<>", kind, callee), Shape("<>", kind, caller)), inArguments ?? inResults);
    }

    [TestCase(
        "Run():System.Void",
        "Run(System.Int32):System.Void",
        "Expected the signature Run():System.Void, got Run(System.Int32):System.Void")]
    [TestCase(
        "Run()\n> record Demo.A",
        "Run()\n> enum Demo.A: System.Int32",
        "Expected 'record Demo.A', got 'enum Demo.A: System.Int32'")]
    [TestCase("Run()\n> enum Demo.A: System.Byte", "Run()\n> enum Demo.A: System.Int32", "'enum Demo.A: System.Byte'")]
    [TestCase("Run()\nhash 0000000000000001", "Run()\nhash 0000000000000001\n", null)]
    [TestCase("Run()\nhash 0000000000000001", "Run()\n> record Demo.A", "too many")]
    [TestCase("Run()", "Run()\n> record Demo.A\n A: System.Int32", null)]
    public void Heads_fit_or_a_sentence_names_both(string callee, string caller, string? expected)
        => AssertOutcome(MethodShape.Compare(callee, caller), expected);

    [TestCase("")]
    [TestCase("\n\n\n")]
    [TestCase("Run()\n> record\n member of nothing\n>\n<>  \n= x y")]
    [TestCase("Run()\n> record Demo.A\n \n:\n : \n\": \n\"")]
    [TestCase("Run()\n> keyed Demo.A\n 99999999999999999999 A: B\n x")]
    [TestCase("Run()\n> enum Demo.A: System.Int32\n =\n = ")]
    public void Text_that_is_no_shape_does_no_harm(string caller)
    {
        foreach (string kind in (string[])
        [
            "record Demo.A", "keyed Demo.A", "map Demo.A", "enum Demo.A: System.Int32", "union Demo.A"
        ])
        {
            Assert.That(
                () => MethodShape.Compare($"Run()\n<> {kind}\n 1 A: B = default\n 2: C", caller), Throws.Nothing);
        }
    }

    private static string Shape(string direction, string kind, string members)
        => $"Run():System.Void\n{direction} {kind} "
            + $"Demo.A{(kind == "enum" ? ": System.Int32" : "")}{string.Concat(members.Split('|', StringSplitOptions.RemoveEmptyEntries).Select(member => "\n " + member))}";

    private static void AssertOutcome(string? outcome, string? expected)
        => Assert.That(outcome, expected is null ? Is.Null : Does.Contain(expected));
}
