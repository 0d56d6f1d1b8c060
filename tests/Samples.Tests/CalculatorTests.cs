using System.Runtime.InteropServices;

namespace Samples.Tests;

/// <summary>Runs the programs of samples/Calculator as anybody would: as processes.</summary>
public sealed class CalculatorTests
{
    private const string Samples = "samples/Calculator";
    private const string Python = "/usr/bin/python3";
    private const int MaxLines = 25;

    private string _folder = null!;

    private static string Server => Repository.Program($"{Samples}/Calculator.Server");

    private static string Client => Repository.Program($"{Samples}/Calculator.Client");

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("calc-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [TestCase(PosixSignal.SIGTERM)]
    [TestCase(PosixSignal.SIGINT)]
    public async Task Client_talks_to_server_until_a_signal_ends_it(PosixSignal signal)
    {
        using var server = RunningProgram.Start(Server, _folder);
        string? greeting = await server.ReadLine();
        using var client = RunningProgram.Start(Client, _folder);

        string[] said = await client.ReadToEnd();
        (int clientCode, string clientErrors) = await client.WaitForExit();
        server.Signal(signal);
        string[] parting = await server.ReadToEnd();
        (int serverCode, string serverErrors) = await server.WaitForExit();

        Assert.That(greeting, Is.EqualTo($"Serving at unix:{_folder}/calc.sock; Ctrl-C ends it."));
        Assert.That(said, Is.EqualTo(new[]
        {
            $"The server is process {server.Id}.",
            "2 + 3 = 5",
            "7 / 0 is not possible.",
            "Watched 3, on the same thread: True",
            "7 / 2 = 3",
            "20 + 22 = 42",
        }));
        Assert.That(clientCode, Is.Zero, clientErrors);
        Assert.That(parting, Is.EqualTo(new[] { "Goodbye." }));
        Assert.That(serverCode, Is.Zero, serverErrors);
        Assert.That(File.Exists($"{_folder}/calc.sock"), Is.False, "The server left its socket behind.");
    }

    [Test]
    public async Task Client_in_another_language_calls_and_is_called_back()
    {
        await RequirePythonWithMessagePack();
        using var server = RunningProgram.Start(Server, _folder);
        await server.ReadLine();
        using var client = RunningProgram.Start(Python, _folder, Path.Combine(Repository.Root, Samples, "client.py"));

        string[] said = await client.ReadToEnd();
        (int code, string errors) = await client.WaitForExit();

        Assert.That(code, Is.Zero, errors);
        Assert.That(said, Is.EqualTo(new[]
        {
            "The server serves Calc.ICalculator.",
            "2 + 3 = 5",
            "Watched 3, inside request 3.",
            "7 / 2 = [True, 3]",
            "4 + 5 = 9",
        }));
    }

    [Test]
    public async Task Client_without_a_server_says_so_and_fails()
    {
        using var client = RunningProgram.Start(Client, _folder);

        string[] said = await client.ReadToEnd();
        (int code, string errors) = await client.WaitForExit();

        Assert.That(said, Is.Empty);
        Assert.That(code, Is.Not.Zero);
        Assert.That(errors, Does.Contain("IpcDisconnectedException").And.Contain("calc.sock"));
    }

    [Test]
    public async Task Parent_spawns_its_worker_and_sees_it_end()
    {
        using var parent = RunningProgram.Start(Repository.Program("calculator", "Calculator.Parent"), _folder);

        string[] said = await parent.ReadToEnd();
        (int code, string errors) = await parent.WaitForExit();

        Assert.That(said, Is.EqualTo(new[]
        {
            "3 + 3 = 6",
            "The worker is a process of its own: True",
            "What the worker throws is caught here: Arithmetic operation resulted in an overflow.",
            "The worker ended with 0.",
        }));
        Assert.That(code, Is.Zero, errors);
    }

    [Test]
    public async Task Worker_without_a_parent_says_who_starts_it()
    {
        using var worker = RunningProgram.Start(Repository.Program("calculator", "calc-worker"), _folder);

        (int code, string errors) = await worker.WaitForExit();

        Assert.That(code, Is.EqualTo(1));
        Assert.That(errors, Is.EqualTo("This program is started by Calculator.Parent.\n"));
    }

    [Test]
    public void Each_program_has_at_most_25_lines()
    {
        string[] programs = Directory.GetFiles(
            Path.Combine(Repository.Root, Samples), "Program.cs", SearchOption.AllDirectories);

        Assert.That(programs, Has.Length.EqualTo(4));
        Assert.That(programs.Where(program => File.ReadAllLines(program).Length > MaxLines), Is.Empty);
    }

    private static async Task RequirePythonWithMessagePack()
    {
        if (File.Exists(Python))
        {
            using var probe = RunningProgram.Start(Python, "/", "-c", "import msgpack");
            if ((await probe.WaitForExit()).Code == 0)
            {
                return;
            }
        }

        Assert.Ignore("The Python package msgpack is not here (Debian: python3-msgpack).");
    }
}
