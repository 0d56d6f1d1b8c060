using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Samples.Tests;

/// <summary>Runs the programs of samples/Hosting as their README says.</summary>
public sealed partial class HostingTests
{
    private string _folder = null!;

    private static string Host => Repository.Program("hosting", "primes-host");

    private static string Client => Repository.Program("hosting", "primes-client");

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("primes-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public async Task A_killed_worker_comes_back_with_its_configuration_its_handler_and_its_log()
    {
        using var host = RunningProgram.Start(Host, _folder);
        var said = new List<string>();
        await ReadUntil(host, said, "Application started");

        int first = await Ask();
        await ReadUntil(host, said, "Found 3 primes.");
        Assert.That(said, Has.Member("Found 5.").And.Member("info: Primes.PrimeFinder[0]"));
        Assert.That(SendSignal(first, 9), Is.Zero);
        await ReadUntil(host, said, "is ready, as process");
        said.Clear();
        int second = await Ask();
        await ReadUntil(host, said, "Found 3 primes.");
        host.Signal(PosixSignal.SIGTERM);
        await host.ReadToEnd();
        (int code, string errors) = await host.WaitForExit();

        Assert.That(second, Is.Not.EqualTo(first));
        Assert.That(said, Has.Member("Found 5.").And.Member("info: Primes.PrimeFinder[0]"));
        Assert.That(code, Is.Zero, errors);
        Assert.That(Directory.Exists($"/proc/{second}"), Is.False, "the worker has ended");
        Assert.That(File.Exists($"{_folder}/primes.sock"), Is.False, "the socket is removed");
    }

    [Test]
    public async Task A_worker_without_a_parent_says_who_starts_it()
    {
        using var worker = RunningProgram.Start(Repository.Program("hosting", "primes-worker"), _folder);

        (int code, string errors) = await worker.WaitForExit();

        Assert.That((code, errors.Trim()), Is.EqualTo((2, "primes-worker is started by primes-host.")));
    }

    private async Task<int> Ask()
    {
        using var client = RunningProgram.Start(Client, _folder);
        string[] lines = await client.ReadToEnd();
        (int code, string errors) = await client.WaitForExit();
        Assert.That(code, Is.Zero, errors);
        Match answer = Answer().Match(lines.Single());
        Assert.That(answer.Success, Is.True, lines.Single());
        return int.Parse(answer.Groups["id"].Value, CultureInfo.InvariantCulture);
    }

    private static async Task ReadUntil(RunningProgram program, List<string> lines, string text)
    {
        while (lines.Count == 0 || !lines[^1].Contains(text, StringComparison.Ordinal))
        {
            string? line = await program.ReadLine();
            Assert.That(line, Is.Not.Null, () => $"The host ended before it said '{text}': {string.Join('\n', lines)}");
            lines.Add(line!);
        }
    }

    [GeneratedRegex("^Process (?<id>[0-9]+) found 2, 3, 5\\.$")]
    private static partial Regex Answer();

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int SendSignal(int process, int signal);
}
