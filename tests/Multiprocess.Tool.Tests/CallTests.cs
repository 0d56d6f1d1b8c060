using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Multiprocess.Tool.Tests;

/// <summary><c>call</c>, over every shape of a contract that the tool has not compiled.</summary>
[Platform("Linux")]
[CancelAfter(120_000)]
public sealed class CallTests
{
    private ServerProcess _server = null!;

    [OneTimeSetUp]
    public void Start() => _server = new ServerProcess();

    [OneTimeTearDown]
    public void Stop() => _server.Dispose();

    [TestCase("5", "Add", "2", "3")]
    [TestCase("6", "Add", "1", "2", "3", TestName = "An_overload_is_chosen_by_the_number_of_arguments")]
    [TestCase("hé \"x\"", "Echo", "hé \"x\"")]
    [TestCase("null", "EchoNull", "null")]
    [TestCase("7", "AddSlowlyAsync", "3", "4")]
    [TestCase("", "Reset")]
    [TestCase("", "PauseAsync", "1")]
    [TestCase("245", "Warm", "45", TestName = "What_a_converter_writes_crosses_as_it_is")]
    [TestCase("3", "Measure", "AQID", TestName = "Bytes_in_base64_are_a_stream")]
    [TestCase("10", "SumAsync", "[1,2,3,4]", TestName = "A_list_is_a_sequence")]
    public void Method_is_called(string expected, params string[] call)
        => Assert.That(ToolRun.Done(["call", _server.Address, .. call]).Output.TrimEnd('\n'), Is.EqualTo(expected));

    [Test]
    public void Results_and_what_came_back_in_parameters_are_all_printed()
    {
        Assert.That(
            ToolRun.Done("call", _server.Address, "TryDivide", "7", "2", "41").Output,
            Is.EqualTo("true\nquotient = 3\ncount = 42\n"));
        Assert.That(
            ToolRun.Done("call", _server.Address, "TryDivide", "7", "2", "41", "--json").Value.ToJsonString(),
            Is.EqualTo("""{"result":true,"quotient":3,"count":42}"""));
    }

    [TestCase("Numbers", """{"Byte":200,"SByte":-1,"Int16":-200,"UInt16":60000,"Int32":-5,"UInt32":4000000000,"Int64":-9007199254740993,"UInt64":18446744073709551615,"Native":7,"UNative":8,"Single":1.5,"Double":-0.1,"Half":2.5,"Decimal":1.50,"Int128":-170141183460469231731687303715884105728,"UInt128":340282366920938463463374607431768211455,"Big":123456789012345678901234567890,"Complex":[1,-2],"Bool":true,"Char":"\u00e4"}""")]
    [TestCase("Times", """{"Utc":"2026-01-02T03:04:05.0000006Z","Local":"2026-01-02T03:04:05.0000000","Offset":"2026-01-02T03:04:05.0000000\u002B01:30","Date":"2026-01-02","Time":"03:04:05.0000000","Span":"1.02:03:04"}""")]
    [TestCase("Texts", """{"Text":"a\u0000\u001b[31mb","Guid":"00112233-4455-6677-8899-aabbccddeeff","Uri":"urn:x","Version":"1.2.3","Rune":"\uD83D\uDE00","Index":"^1","Range":"1..^2","Address":"::1","End":"127.0.0.1:80","Network":"10.0.0.0/8","Json":{"a":[1,null]},"Rights":"Read, Write","Day":5}""")]
    [TestCase("Collections", """{"Bytes":"AQI=","Array":[1,2],"List":["a",null],"Nullables":[1,null],"ByName":{"a":1},"ByNumber":[[1,"a"],[2,"b"]],"Set":[3],"Grid":[[1,2,3],[4,5,6]],"Pair":[1,"a"],"Entry":{"key":"k","value":2},"Immutable":[1],"Stack":[2,1],"Memory":"Aw=="}""")]
    [TestCase("Scale", """{"$type":"Example.Shop.Circle","Radius":3}""", """{"shape":{"$type":"Circle","Radius":1.5},"factor":2}""")]
    [TestCase("Keyed", """{"Id":1,"Name":"x"}""")]
    [TestCase("Mapped", """{"Count":3,"Label":null}""", """{"value":{"Count":3}}""")]
    [TestCase("Greet", """{"Name":"A","Age":3,"Roles":["Guest","Member"],"Where":{"X":1,"Y":2},"Nick":"a"}""", """{"person":{"name":"A","age":3,"roles":["Guest"],"where":{"x":1,"y":2},"nick":"a"},"role":"member"}""")]
    [TestCase("Greet", """{"Name":"A","Age":3,"Roles":[],"Where":{"X":0,"Y":0},"Nick":null}""", """{"person":{"name":"A","age":3,"roles":[]}}""", TestName = "What_has_a_default_may_be_left_out")]
    public void Values_of_every_type_go_and_come(string method, string expected, string? arguments = null)
    {
        ToolRun run = ToolRun.Done("call", _server.Address, method, "--json", arguments ?? $"[{expected}]");

        JsonNode result = run.Value["result"]!;
        Assert.That(JsonNode.DeepEquals(result, JsonNode.Parse(expected)), result.ToJsonString());
    }

    [Test]
    public void Properties_and_indexers_are_read_and_written()
    {
        ToolRun.Done("call", _server.Address, "Name", "Mill");
        Assert.That(ToolRun.Done("call", _server.Address, "Name").Output, Is.EqualTo("Mill\n"));
        ToolRun.Done("call", _server.Address, "Item", "tea", "4");
        Assert.That(ToolRun.Done("call", _server.Address, "Item", "tea").Output, Is.EqualTo("4\n"));
    }

    [Test]
    public void A_one_way_call_is_made_and_nothing_printed()
    {
        Assert.That(ToolRun.Done("call", _server.Address, "Note", "later").Output, Is.Empty);
        string name = "";
        for (int i = 0; i < 1000 && name != "later"; i++)
        {
            name = ToolRun.Done("call", _server.Address, "Name").Output.Trim();
        }

        Assert.That(name, Is.EqualTo("later"));
    }

    [Test]
    public void What_is_sensitive_is_masked()
    {
        ToolRun login = ToolRun.Done("call", _server.Address, "Login", "me", "hunter2");
        ToolRun open = ToolRun.Done("call", _server.Address, "Open", """{"owner":"me","pin":"hunter2"}""", "--json");
        ToolRun shell = ToolRun.With("Login me hunter2\n", "shell", _server.Address);

        Assert.That(login.Output, Is.EqualTo("***\n"));
        Assert.That(shell.Output, Is.EqualTo("***\n"));
        Assert.That(open.Value["result"]!.ToJsonString(), Is.EqualTo("""{"Owner":"me","Pin":"***"}"""));
    }

    [Test]
    public void Delegates_are_printed_as_they_are_called()
    {
        ToolRun run = ToolRun.Done("call", _server.Address, "Watch", "tick");
        Assert.That(run.Lines[..2], Is.EqualTo(new[] { "tick(1, \"one\")", "tick(2, \"two\")" }));
        Assert.That(run.Lines[2], Does.Match("^#[0-9]+ \\(System.IDisposable\\)$"));

        ToolRun json = ToolRun.Done("call", _server.Address, "Watch", "tick", "--json");
        Assert.That(
            json.Json[0].ToJsonString(), Is.EqualTo("""{"called":"tick","arguments":{"arg1":1,"arg2":"one"}}"""));
    }

    [Test]
    public void A_delegate_and_an_interface_return_what_was_said()
    {
        Assert.That(
            ToolRun.Done("call", _server.Address, "Ask", """{"$print":"q","$return":41}""").Output,
            Is.EqualTo("q(20)\n42\n"));
        Assert.That(ToolRun.Done("call", _server.Address, "Visit", "v").Output, Is.EqualTo("v.Visit(\"here\")\n0\n"));
    }

    [Test]
    public void A_sequence_is_printed_item_by_item()
    {
        ToolRun run = ToolRun.Done("call", _server.Address, "People", "300", "--json");

        Assert.That(run.Json, Has.Length.EqualTo(300));
        Assert.That(run.Json[299]["item"]!["Name"]!.GetValue<string>(), Is.EqualTo("P299"));
    }

    [Test]
    public void An_exception_is_printed_and_the_exit_code_says_so()
    {
        ToolRun run = ToolRun.Of("call", _server.Address, "Fail", "no \u001b[31mway");
        Assert.That(run.Code, Is.EqualTo(ExitCode.No));
        Assert.That(
            run.Errors,
            Is.EqualTo(
                "System.InvalidOperationException: no \\u001b[31mway\n  because of System.FormatException: inner\n"));
        Assert.That(run.Output, Is.Empty);

        JsonNode error = ToolRun.Of("call", _server.Address, "Fail", "no", "--json").Value["error"]!;
        Assert.That(error["type"]!.GetValue<string>(), Is.EqualTo("System.InvalidOperationException"));
        Assert.That(error["kind"]!.GetValue<string>(), Is.EqualTo("Remote"));
        Assert.That(error["inner"]!["message"]!.GetValue<string>(), Is.EqualTo("inner"));
    }

    [TestCase("tea 3 Member null 0,0", "Order", "tea")]
    [TestCase("tea 4 Member null 0,0", "Order", "tea", "4")]
    [TestCase("tea 4 Guest x 1,2", "Order", "tea", "4", "guest", "x", """{"X":1,"Y":2}""")]
    [TestCase("tea 3 Guest null 0,0", "Order", "--json", """{"article":"tea","role":"Guest"}""")]
    [TestCase("tea 5 Member null 0,0", "Order", "--json", """["tea",5]""")]
    [TestCase("all 0 0", "Total", "all")]
    [TestCase("all 1 7", "Total", "all", "7")]
    [TestCase("all 3 6", "Total", "all", "1", "2", "3")]
    [TestCase("all 2 9", "Total", "all", "[4,5]")]
    [TestCase("x", "Between", "x", TestName = "An_overload_of_which_nothing_is_left_out_comes_first")]
    [TestCase("5 x", "Between", "5", "x")]
    [TestCase("638000000000000000 Unspecified", "Book")]
    public void What_a_method_has_a_default_for_may_be_left_out(string expected, params string[] call)
    {
        ToolRun run = ToolRun.Done(["call", _server.Address, .. call]);

        Assert.That(
            call.Contains("--json") ? run.Value["result"]!.GetValue<string>() : run.Output.TrimEnd('\n'),
            Is.EqualTo(expected));
    }

    [Test]
    public void Defaults_of_every_type_are_those_of_the_contract()
        => Assert.That(
            Result("Defaults", """{"odd":"Guest"}""").GetValue<string>(),
            Is.EqualTo(
                "True|\"|a = \"b\"\n\u00e4\\|200|-9223372036854775808|18446744073709551615|1.5|NaN|-Infinity|1.50|"
                    + "Read, Write|Guest|Guest|Friday|00000000-0000-0000-0000-000000000000|0|0,0|4|hunter2"));

    [Test]
    public void A_member_that_is_left_out_has_the_default_of_its_constructor_wherever_it_stands()
    {
        Assert.That(
            Result("Pack", """[{"last":"x"}]""").ToJsonString(),
            Is.EqualTo("""{"Weight":18,"Text":"none","Role":"Member","Last":"x"}"""));
        Assert.That(
            Result("Pack", """[{"role":"Guest"}]""").ToJsonString(),
            Is.EqualTo("""{"Weight":18,"Text":"none","Role":"Guest","Last":null}"""));
        Assert.That(
            Result("Label", """[{"last":9}]""").ToJsonString(),
            Is.EqualTo("""{"Size":7,"First":"one = 1","Last":9}"""));
    }

    private JsonNode Result(string method, string arguments)
        => ToolRun.Done("call", _server.Address, method, "--json", arguments).Value["result"]!;

    [Test]
    public void A_shell_leaves_out_what_has_a_default()
    {
        ToolRun run = ToolRun.With(
            "Order tea\nOrder {\"article\":\"tea\",\"count\":1}\nPack {\"weight\":2}\nOrder\n",
            "shell",
            _server.Address);

        Assert.That(run.Lines[0], Is.EqualTo("tea 3 Member null 0,0"));
        Assert.That(run.Lines[1], Is.EqualTo("tea 1 Member null 0,0"));
        Assert.That(run.Output, Does.Contain("\"Weight\": 2,"));
        Assert.That(run.Code, Is.EqualTo(ExitCode.No), "the last line lacks an argument");
        Assert.That(run.Errors, Does.Contain("System.Int32 count = 3"));
    }

    [TestCase("Expected arguments of (System.String article, System.Int32 count = 3, ", "Order")]
    [TestCase("System.String secret = ***)", "Defaults", "--json", """{"nothing":1}""")]
    [TestCase("Expected arguments of (System.String article, ", "Order", "a", "1", "Guest", "n", "{}", "6")]
    [TestCase("numbers: Expected System.Int32[], got [1,\"x\"]", "Total", "all", "1", "x")]
    [TestCase("has no method, property or event 'Subtract'. It has Sold, ", "Subtract", "1")]
    [TestCase("Expected arguments of ", "Add", "1")]
    [TestCase("a: Expected System.Int32, got \"x\"", "Add", "x", "2")]
    [TestCase("a: Expected System.Int32, got 3000000000", "Add", "3000000000", "2")]
    [TestCase("person.Name: Expected a value of System.String, got none", "Greet", "{}", "null")]
    [TestCase("got 'nme'", "Greet", """{"nme":"A"}""", "null")]
    [TestCase("Expected Guest, Member, got 'Owner'", "Greet", """{"name":"A","age":1,"roles":[]}""", "Owner")]
    [TestCase("Sold is an event", "Sold", "x")]
    [TestCase("text: Expected System.String, got null", "Echo", "--json", "[null]")]
    [TestCase("Arguments: ", "Echo", "--json", "[")]
    [TestCase("#99: Expected an object that the server has handed out, got none", "IsMine", "#99")]
    public void What_does_not_fit_is_an_error_that_names_it(string expected, params string[] call)
    {
        ToolRun run = ToolRun.Of(["call", _server.Address, .. call]);

        Assert.That(run.Code, Is.EqualTo(ExitCode.Usage), run.Output);
        Assert.That(run.Errors, Does.Contain(expected));
    }

    [Test]
    public void A_sensitive_argument_that_does_not_fit_is_not_repeated()
    {
        ToolRun run = ToolRun.Of("call", _server.Address, "Login", "--json", """["me",{"word":"hunter2"}]""");

        Assert.That(run.Code, Is.EqualTo(ExitCode.Usage));
        Assert.That(run.Errors, Does.StartWith("password: ").And.Not.Contain("hunter2"));
    }

    [Test]
    public void Ctrl_C_cancels_the_call_and_the_exit_code_says_so()
    {
        using Process tool = Process.Start(
            new ProcessStartInfo(
                Path.Combine(AppContext.BaseDirectory, "Multiprocess.Tool"),
                ["call", _server.Address, "PauseAsync", "60000"]) { RedirectStandardError = true })!;
        for (int i = 0; i < 2000
            && !ToolRun.Done("waiting", _server.Address).Output.Contains(
                $"Example.Shop.IShop.PauseAsync for process {tool.Id}", StringComparison.Ordinal); i++)
        {
            Thread.Yield();
        }

        using (Process kill = Process.Start("kill", ["-INT", $"{tool.Id}"]))
        {
            kill.WaitForExit();
        }

        Assert.That(tool.WaitForExit(60_000));
        Assert.That(tool.ExitCode, Is.EqualTo(ExitCode.Cancelled));
        Assert.That(
            ToolRun.Done("waiting", _server.Address).Output,
            Does.Not.Contain($"for process {tool.Id}"),
            "the method has ended");
    }

    [Test]
    public void Nobody_there_is_an_error()
    {
        ToolRun run = ToolRun.Of("call", "unix:/tmp/nobody-is-here.sock", "Add", "1", "2");

        Assert.That(run.Code, Is.EqualTo(ExitCode.NotThere));
        Assert.That(run.Errors, Does.StartWith("unix:/tmp/nobody-is-here.sock: "));
    }
}
