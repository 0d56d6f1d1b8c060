using System.Diagnostics;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Multiprocess.Generator;

namespace Multiprocess.Tool.Tests;

/// <summary><c>list</c> and <c>describe</c>: what is there, from the servers themselves.</summary>
[Platform("Linux")]
[CancelAfter(120_000)]
public sealed class ListAndDescribeTests
{
    private ServerProcess _server = null!;

    [OneTimeSetUp]
    public void Start() => _server = new ServerProcess();

    [OneTimeTearDown]
    public void Stop() => _server.Dispose();

    [Test]
    public void A_server_is_listed_with_its_process_program_contract_and_connections()
    {
        JsonNode row = ToolRun.Done("list", "--json").Json.Single(
            row => row["address"]!.GetValue<string>() == _server.Address);

        Assert.That(row["process"]!.GetValue<int>(), Is.EqualTo(_server.Id));
        Assert.That(row["program"]!.GetValue<string>(), Does.EndWith("multiprocess-tool-server"));
        Assert.That(row["contract"]!.GetValue<string>(), Is.EqualTo("Example.Shop.IShop"));
        Assert.That(row["connections"]!.GetValue<int>(), Is.Zero);
        Assert.That(row["error"], Is.Null);
        Assert.That(ToolRun.Done("list").Output, Does.Contain(_server.Address).And.Contains("Example.Shop.IShop"));
    }

    [Test]
    public void A_server_that_does_not_answer_is_listed_with_what_its_hello_says()
    {
        using var silent = new ServerProcess(IpcIntrospection.Off);

        JsonNode row = ToolRun.Done("list", "--json").Json.Single(
            row => row["address"]!.GetValue<string>() == silent.Address);

        Assert.That(row["process"]!.GetValue<int>(), Is.EqualTo(silent.Id));
        Assert.That(row["program"]!.GetValue<string>(), Does.EndWith("multiprocess-tool-server"));
        Assert.That(row["contract"]!.GetValue<string>(), Is.EqualTo("Example.Shop.IShop"));
        Assert.That(row["connections"], Is.Null);
    }

    [Test]
    public void A_socket_of_somebody_else_is_not_asked()
    {
        string directory = Directory.CreateTempSubdirectory("mpt").FullName;
        using var stranger = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        string path = Path.Combine(directory, "stranger.sock");
        stranger.Bind(new UnixDomainSocketEndPoint(path));
        stranger.Listen();

        string listed = ToolRun.Done("list", directory, "--json").Output;

        Assert.That(listed, Does.Not.Contain(path));
        Assert.That(stranger.Poll(0, SelectMode.SelectRead), Is.False, "nobody has connected");
        Directory.Delete(directory, recursive: true);
    }

    [Test]
    public void An_address_stands_on_one_line_however_narrow_the_terminal_is()
    {
        ToolRun run = ToolRun.Narrow(40, "list", Path.GetDirectoryName(_server.Path)!);

        int at = Array.IndexOf(run.Lines, _server.Address);
        Assert.That(at, Is.GreaterThanOrEqualTo(0), run.Output);
        Assert.That(run.Lines[at + 1], Is.EqualTo("  Example.Shop.IShop"));
        Assert.That(run.Lines[at + 3], Does.StartWith($"  process {_server.Id}, connections "));
    }

    [Test]
    public void A_directory_that_is_not_there_is_an_error()
    {
        ToolRun run = ToolRun.Of("list", "/nowhere/at/all");

        Assert.That(run.Code, Is.EqualTo(ExitCode.Usage));
        Assert.That(run.Errors, Is.EqualTo("/nowhere/at/all: Expected a directory, got none.\n"));
    }

    [Test]
    public void A_server_is_described_as_CSharp()
    {
        string text = ToolRun.Done("describe", _server.Address).Output;

        Assert.That(text, Does.StartWith($"// Example.Shop.IShop, served at {_server.Address}\n"));
        Assert.That(text, Does.Contain("namespace Example.Shop\n{"));
        Assert.That(text, Does.Contain("    public interface IShop\n"));
        Assert.That(text, Does.Contain("        event Action<string> Sold;\n"));
        Assert.That(text, Does.Contain("        string? Name { get; set; }\n"));
        Assert.That(text, Does.Contain("        int this[string article] { get; set; }\n"));
        Assert.That(text, Does.Contain("        bool TryDivide(int a, int b, out int quotient, ref long count);\n"));
        Assert.That(
            text,
            Does.Contain(
                "        Task<int> AddSlowlyAsync(int a, int b, CancellationToken cancellationToken = default);\n"));
        Assert.That(text, Does.Contain("        [IpcMethod(7, TimeoutMilliseconds = 30000)]\n        void Reset();\n"));
        Assert.That(text, Does.Contain("        [IpcOneWay]\n        void Note(string text);\n"));
        Assert.That(
            text,
            Does.Contain(
                "        [return: IpcSensitive] string Login(string user, [IpcSensitive] string password);\n"));
        Assert.That(text, Does.Contain("    public interface IDesk : IDisposable\n"));
        Assert.That(text, Does.Contain("    [Flags]\n    public enum Rights : byte\n"));
        Assert.That(
            text,
            Does.Contain("    public readonly record struct Point(int X = default, int Y = default);\n").Or.Contain(
                "    public readonly record struct Point(int X, int Y);\n"));
        Assert.That(text, Does.Contain("        [Key(2)] public string? Name { get; init; }\n"));
        Assert.That(text, Does.Contain("nint Native = default").And.Not.Contain("record nint"));
    }

    [Test]
    public void The_CSharp_compiles_and_means_the_same()
    {
        JsonNode described = ToolRun.Done("describe", _server.Address, "--json").Value;

        ulong fingerprint = FingerprintOf(
            described["csharp"]!.GetValue<string>(), "Example.Shop.IDesk", out string problems);

        Assert.That(problems, Is.Empty);
        Assert.That(fingerprint, Is.EqualTo(FingerprintOf("""
            using System;
            using Multiprocess;
            namespace Example.Shop;
            [IpcInterface]
            public interface IDesk : IDisposable
            {
                string Label { get; }
                IDesk Next(string label);
            }
            """, "Example.Shop.IDesk", out _)));
        Assert.That(
            described["methods"]!.AsArray().Select(method => method!["signature"]!.GetValue<string>()),
            Does.Contain("int Add(int a, int b)").And.Member("event Action<string> Sold { add; }"));
        Assert.That(described["description"]!.GetValue<string>(), Does.StartWith("interface Example.Shop.IShop\n"));
    }

    [Test]
    public void Defaults_are_described_as_CSharp_that_means_the_same()
    {
        JsonNode described = ToolRun.Done("describe", _server.Address, "--json").Value;
        string text = described["csharp"]!.GetValue<string>();
        string[] lines = described["description"]!.GetValue<string>().Split('\n');

        Assert.That(
            text,
            Does.Contain(
                "string Order(string article, int count = 3, Role role = Role.Member, string? note = null, "
                    + "Point where = default, CancellationToken cancellationToken = default);\n"));
        Assert.That(text, Does.Contain("Rights rights = Rights.Read | Rights.Write, Role odd = (Role)(-7), "));
        Assert.That(text, Does.Contain("float single = 1.5F, double none = double.NaN, "));
        Assert.That(text, Does.Contain("[IpcSensitive] string secret = default! /* *** */);\n"));
        Assert.That(text, Does.Not.Contain("hunter2"));
        Assert.That(text, Does.Contain("string Total(string label, params int[] numbers);\n"));
        Assert.That(text, Does.Contain("[Optional, DefaultParameterValue(5)] int first, string second);\n"));
        Assert.That(
            text,
            Does.Contain("Parcel(int Weight = 18, string Text = \"none\", Role Role = Role.Member, string? Last = "));

        // What the C# is generated to is described with the same defaults, but for what may not be shown.
        string generated = Generate(text, out string problems);
        Assert.That(problems, Is.Empty);
        string[] defaults =
            [
                .. lines.SkipWhile(line => line != "defaults Example.Shop.IShop")
                    .TakeWhile(line => !line.Contains("hunter2", StringComparison.Ordinal)),
            ];
        Assert.That(defaults, Has.Length.GreaterThan(20));
        Assert.That(defaults.Where(line => !generated.Contains(line, StringComparison.Ordinal)), Is.Empty);
    }

    [Test]
    public void A_server_that_does_not_answer_is_an_error_that_says_why()
    {
        using var silent = new ServerProcess(IpcIntrospection.Off);

        ToolRun run = ToolRun.Of("describe", silent.Address);

        Assert.That(run.Code, Is.EqualTo(ExitCode.NotThere));
        Assert.That(run.Errors, Does.Contain("It does not answer questions about itself"));
    }

    [TestCase("ftp:x", "Unrecognized address 'ftp:x'")]
    [TestCase("auto", "Expected unix:PATH or tcp:HOST:PORT")]
    [TestCase("tcp:127.0.0.1:1", "TCP needs TLS")]
    public void An_address_that_leads_nowhere_is_an_error(string address, string why)
    {
        ToolRun run = ToolRun.Of("describe", address);

        Assert.That(run.Code, Is.Not.EqualTo(ExitCode.Done));
        Assert.That(run.Errors, Does.Contain(why));
    }

    [Test]
    public void A_server_of_another_protocol_is_an_error_and_is_told_nothing()
    {
        string directory = Directory.CreateTempSubdirectory("mpt").FullName;
        string path = Path.Combine(directory, "other.sock");
        using var stranger = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        stranger.Bind(new UnixDomainSocketEndPoint(path));
        stranger.Listen();
        Task<int> heard = Task.Run(() =>
        {
            using Socket client = stranger.Accept();
            return client.Receive(new byte[16]);
        });

        ToolRun run = ToolRun.Of("describe", path, "--timeout", "0.2");

        Assert.That(run.Code, Is.EqualTo(ExitCode.NotThere));
        Assert.That(run.Errors, Does.Contain("It may be a server of another protocol"));
        Assert.That(heard.Wait(30_000) && heard.Result == 0, "nothing was sent");
        Directory.Delete(directory, recursive: true);
    }

    [Test]
    public void The_tool_itself_runs_as_a_program_and_its_exit_code_is_the_documented_one()
    {
        Assert.That(
            RunProgram(["call", _server.Address, "Add", "20", "22"], out string output), Is.EqualTo(ExitCode.Done));
        Assert.That(output, Is.EqualTo("42\n"));
        Assert.That(RunProgram(["call", _server.Address, "Nothing"], out _), Is.EqualTo(ExitCode.Usage));
        Assert.That(RunProgram(["frobnicate"], out _), Is.EqualTo(ExitCode.Usage));
    }

    private static int RunProgram(string[] args, out string output)
    {
        using Process process = Process.Start(
            new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Multiprocess.Tool"), args)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        output = process.StandardOutput.ReadToEnd();
        Assert.That(process.WaitForExit(60_000));
        _ = errors.Result;
        return process.ExitCode;
    }

    private static ulong FingerprintOf(string source, string contract, out string problems)
    {
        string text = Generate(source, out problems);
        string start = $"base(\"{contract}\", fingerprint: 0x";
        int at = text.IndexOf(start, StringComparison.Ordinal);
        Assert.That(at, Is.Positive, problems + source);
        return Convert.ToUInt64(text.Substring(at + start.Length, 16), 16);
    }

    /// <summary>The text of a source and of what is generated for it.</summary>
    private static string Generate(string source, out string problems)
    {
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => !Path.GetFileName(path).StartsWith("multiprocess-", StringComparison.Ordinal))
            .Select(path => MetadataReference.CreateFromFile(path));
        var compilation = CSharpCompilation.Create(
            "described",
            [CSharpSyntaxTree.ParseText(source)],
            references,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        CSharpGeneratorDriver.Create(new IpcGenerator()).RunGeneratorsAndUpdateCompilation(
            compilation, out Compilation generated, out var diagnostics);
        problems = string.Join(
            "\n",
            diagnostics.Concat(generated.GetDiagnostics()).Where(
                diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning && diagnostic.Id != "CS1701"));
        return string.Concat(generated.SyntaxTrees.Select(tree => tree.ToString()));
    }
}
