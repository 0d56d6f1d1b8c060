using System.Text.Json.Nodes;
using Bitcoin.Interfaces;
using Bitcoin.Rpc;

namespace Bitcoin.Tests;

[TestFixture]
internal sealed class RpcValuesTests
{
    [TestCase("1", 100_000_000)]
    [TestCase("0.00000001", 1)]
    [TestCase("1e-8", 1)]
    [TestCase("\"21000000\"", 2_100_000_000_000_000)]
    [TestCase("\"0.5\"", 50_000_000)]
    public void An_amount_is_a_number_or_a_text_of_bitcoins(string json, long satoshis)
        => Assert.That(RpcValues.Amount(JsonNode.Parse(json)), Is.EqualTo(satoshis));

    [TestCase("0.000000001", "Invalid amount")]
    [TestCase("\"\"", "Invalid amount")]
    [TestCase("\".5\"", "Invalid amount")]
    [TestCase("\"1.\"", "Invalid amount")]
    [TestCase("\"+1\"", "Invalid amount")]
    [TestCase("1e30", "Invalid amount")]
    [TestCase("-1", "Amount out of range")]
    [TestCase("21000000.00000001", "Amount out of range")]
    [TestCase("true", "Amount is not a number or string")]
    [TestCase("null", "Amount is not a number or string")]
    public void Any_other_amount_is_refused_in_Bitcoin_Cores_words(string json, string message)
    {
        Assert.That(
            () => RpcValues.Amount(JsonNode.Parse(json)),
            Throws.TypeOf<RpcException>().With.Message.EqualTo(message)
                .And.Property(nameof(RpcException.Code)).EqualTo(RpcErrorCode.Type));
    }

    [Test]
    public void The_text_of_an_argument_list_names_types_members_and_what_help_shows()
    {
        RpcArgument[] arguments = ArgumentList.Parse(
            "txid:text verbosity|verbose:any? stats:list?=stats a:map?{b,c:text}");

        Assert.That(
            arguments.Select(static one => (one.Name, one.Type, one.IsOptional, one.Shown)),
            Is.EqualTo(new[]
            {
                ("txid", RpcType.Text, false, ""),
                ("verbosity|verbose", RpcType.Any, true, ""),
                ("stats", RpcType.List, true, "stats"),
                ("a", RpcType.Map, true, ""),
            }));
        Assert.That(arguments[..3].Select(static one => one.Members), Is.All.Null);
        Assert.That(
            arguments[3].Members,
            Is.EqualTo(new RpcMember[] { new("b", RpcType.Any), new("c", RpcType.Text) }));
    }

    [Test]
    public void An_argument_of_an_unknown_type_is_refused()
        => Assert.That(
            static () => ArgumentList.Parse("height:integer"),
            Throws.ArgumentException.With.Message.StartsWith(
                "Argument type: Expected text, number, bool, list, map or any, got integer."));
}
