using System.Text.Json.Nodes;
using Bitcoin.Interfaces;
using Bitcoin.Rpc;

namespace Bitcoin.Tests;

/// <summary>Methods that several processes have.</summary>
internal sealed class RpcScopeTests
{
    private RpcTable _table;

    [SetUp]
    public void Start() => _table = new RpcTable
    {
        IsDisconnection = static exception => exception is EndOfStreamException,
    };

    [TestCase("", "", null, -18)]
    [TestCase("a", "", "a", 0)]
    [TestCase("", "b", "b", 0)]
    [TestCase("a", "b", null, -19)]
    [TestCase("a,b", "", null, -19)]
    [TestCase("gone", "", null, -4)]
    [TestCase("gone", "b", "b", 0)]
    public void A_call_that_names_no_wallet_needs_exactly_one_among_all_processes(
        string first, string second, string? answer, int code)
    {
        Register(first);
        Register(second);

        Assert.That(Ask("/"), Is.EqualTo((code, answer)));
    }

    [TestCase("/wallet/a", "a", 0)]
    [TestCase("/wallet/b", "b", 0)]
    [TestCase("/wallet/%62", "b", 0)]
    [TestCase("/wallet/c", null, -18)]
    public void The_path_leads_to_the_process_that_has_the_wallet(string path, string? answer, int code)
    {
        Register("a");
        Register("b");

        Assert.That(Ask(path), Is.EqualTo((code, answer)));
    }

    [Test]
    public void An_argument_that_names_the_wallet_leads_to_its_process_too()
    {
        Register("a");
        Register("b");

        Assert.That(Ask("/", "b"), Is.EqualTo((0, "b")));
        Assert.That(Ask("/", "c"), Is.EqualTo((-18, (string?)null)));
        Assert.That(Ask("/wallet/b", method: "named"), Is.EqualTo((0, "b")));
    }

    [TestCase("a", "b")]
    [TestCase("a", "")]
    public void A_method_with_such_an_argument_says_itself_that_the_name_is_missing(string first, string second)
    {
        Register(first);
        Register(second);

        Assert.That(Ask("/", method: "named"), Is.EqualTo((-8, (string?)null)));
    }

    [Test]
    public void The_lists_of_all_processes_are_put_together()
    {
        Register("a,b");
        Register("gone");
        Register("c");

        Assert.That(_table.Execute("listwallets", null, "/", "me")!.ToJsonString(), Is.EqualTo("""["a","b","c"]"""));
    }

    [Test]
    public void An_error_of_a_process_is_not_hidden_by_another_one_that_has_the_method()
    {
        Register("a");
        _table.Register(new RpcCommand("Wallet", "loadwallet", [], "", _ => throw new RpcException(-35, "already")));
        _table.Register(new RpcCommand("Wallet", "loadwallet", [], "", _ => "loaded"));

        Assert.That(
            Assert.Throws<RpcException>(() => _table.Execute("loadwallet", null, "/", "me"))!.Code, Is.EqualTo(-35));
    }

    private (int Code, string? Answer) Ask(string path, string? name = null, string method = "who")
    {
        try
        {
            string asked = name is null ? method : "named";
            JsonArray arguments = name is null ? [] : [name];
            return (0, _table.Execute(asked, arguments, path, "me")!.ToString());
        }
        catch (RpcException exception)
        {
            return (exception.Code, null);
        }
    }

    /// <summary>A process with wallets; "gone" is one that has ended.</summary>
    private void Register(string names)
    {
        string[] wallets = names.Split(',', StringSplitOptions.RemoveEmptyEntries);
        void Look()
        {
            if (names == "gone")
            {
                throw new EndOfStreamException();
            }
        }

        _table.Register(new RpcCommand("Wallet", "listwallets", [], "", _ =>
        {
            Look();
            return new JsonArray([.. wallets.Select(static name => (JsonNode)name)]);
        }, RpcScope.Every));
        RpcArgument name = new("wallet_name", RpcType.Text, IsOptional: true);
        (string, RpcArgument[])[] methods = [("who", []), ("named", [name])];
        foreach ((string method, RpcArgument[] arguments) in methods)
        {
            _table.Register(new RpcCommand("Wallet", method, arguments, "", call =>
            {
                Look();
                string? wanted = call.WalletName()
                    ?? call.Params.FirstOrDefault()?.ToString()
                    ?? (method == "named"
                        ? throw new RpcException(RpcErrorCode.InvalidParameter, "a name is needed")
                        : wallets.Length == 1 ? wallets[0] : null);
                return wallets.Length > 1 && wanted is null ? throw RpcErrors.WalletNotSpecified()
                    : wallets.Contains(wanted) ? wanted
                    : throw new RpcException(RpcErrorCode.WalletNotFound, "not here");
            }, RpcScope.Wallet));
        }
    }
}
