using System.Diagnostics;
using System.Globalization;
using Multiprocess.Messages;
using Multiprocess.Transports;
using Multiprocess.Transports.Unix;

namespace Multiprocess.Fuzz;

/// <summary>Attacks with changed traffic for a given time, from a given seed on.</summary>
internal sealed class FuzzRun(int seed, TimeSpan duration, string? findings)
{
    private const string Client = "client";

    private const long MostBytes = 512L * 1024 * 1024;

    private readonly FuzzLog _log = new();
    private readonly IpcTraffic _recorded = Recording.Make();

    /// <summary>Runs, prints the counts, and returns the exit code.</summary>
    public int Run()
    {
        string directory = Directory.CreateTempSubdirectory("mp").FullName;
        try
        {
            return Run(Path.Combine(directory, "f.sock"));
        }
        finally
        {
            // With the server's lock file, which stays when the server ends.
            Directory.Delete(directory, recursive: true);
        }
    }

    /// <summary>Plays every file of a folder, over memory and over a pair of sockets.</summary>
    public static int Replay(string folder)
    {
        string[] files = Directory.GetFiles(folder, "*.txt");
        Array.Sort(files, StringComparer.Ordinal);
        int problems = 0;
        foreach (string file in files)
        {
            IpcTraffic traffic = IpcTraffic.Load(file);
            foreach (bool overSockets in new[] { false, true })
            {
                var attack = new Attack(new FuzzLog());
                ReplayScript script = ReplayScript.From(traffic, isClient: !AttacksClient(traffic));
                Run(attack, script, overSockets);
                if (attack.Problem is { } problem)
                {
                    problems++;
                    Console.WriteLine($"{Path.GetFileName(file)}: {problem}");
                }
            }
        }

        Console.WriteLine($"{files.Length} recorded sessions replayed, {problems} problems");
        return problems == 0 && files.Length > 0 ? 0 : 2;
    }

    /// <summary>Writes the correct session down, as an example and as a start for changes by hand.</summary>
    public static void Record(string file)
        => File.WriteAllText(
            file,
            new IpcTraffic(
                Recording.Make().Frames, ["server", "A correct session with a call of each kind."]).Format());

    /// <summary>Prints a recording, whoever made it, for people. Returns the exit code.</summary>
    public static int Show(string file)
    {
        try
        {
            Console.Write(IpcTraffic.Load(file).Describe());
            return 0;
        }
        catch (Exception exception) when (exception is FormatException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine(exception.Message);
            return 2;
        }
    }

    // The first comment of a file says whom it attacks.
    private static bool AttacksClient(IpcTraffic traffic) => traffic.Comments is [Client, ..];

    private int Run(string path)
    {
        byte[][] ofClient = Bytes(ReplayScript.From(_recorded, isClient: true));
        byte[][] ofServer = Bytes(ReplayScript.From(_recorded, isClient: false));
        using IpcServer server = IpcServer.Listen<IFuzzed>(
            IpcAddress.Unix(path),
            _ => new Fuzzed(),
            new IpcServerOptions
            {
                Limits = Attack.Options(_log).Limits,
                LoggerFactory = _log,
            });
        long start = Stopwatch.GetTimestamp();
        int inputs = 0;
        int refused = 0;
        while (Stopwatch.GetElapsedTime(start) < duration)
        {
            var random = new Random(unchecked((seed * 1_000_003) + inputs));
            bool attacksServer = random.Next(2) == 0;
            ReplayScript script = Change(new Mutator(random), attacksServer, ofClient, ofServer);
            var attack = new Attack(_log);
            switch (random.Next(attacksServer ? 3 : 2))
            {
                case 0:
                    Run(attack, script, overSockets: false);
                    break;
                case 1:
                    Run(attack, script, overSockets: true);
                    break;
                default:
                    attack.Run(script, UnixConnector.Connect(path));
                    break;
            }

            inputs++;
            refused += attack.WasRefused ? 1 : 0;
            string? problem = attack.Problem ?? (inputs % 50 == 0 ? LookAfter(server) : null);
            if (problem is not null)
            {
                return Found(script, inputs, problem);
            }
        }

        if (!SpinWait.SpinUntil(() => server.Connections.Count == 0, TimeSpan.FromSeconds(15)))
        {
            Console.WriteLine($"LEAK: {server.Connections.Count} connections are left, seed {seed}");
            return 2;
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{inputs:N0} bad inputs in {duration.TotalSeconds:N0} s, {refused:N0} of them refused, the rest answered; 0 hangs, 0 untyped errors, 0 leaks, {GC.GetTotalMemory(forceFullCollection: true) / 1024:N0} KiB held, seed {seed}"));
        return 0;
    }

    private static void Run(Attack attack, ReplayScript script, bool overSockets)
    {
        if (overSockets)
        {
            (UnixSocketTransport attacker, UnixSocketTransport victim) = TransportPair.CreateSocketPair();
            attack.Run(script, attacker, victim);
        }
        else
        {
            (DuplexPipeTransport attacker, DuplexPipeTransport victim) = InMemoryTransport.CreatePair();
            attack.Run(script, attacker, victim);
        }
    }

    private static byte[][] Bytes(ReplayScript script) => [.. script.Chunks.Select(chunk => chunk ?? [])];

    private ReplayScript Change(Mutator mutator, bool attacksServer, byte[][] ofClient, byte[][] ofServer)
    {
        ReplayScript script = ReplayScript.From(_recorded, attacksServer);
        List<byte[]> chunks = [.. (attacksServer ? ofClient : ofServer).Select(chunk => (byte[])chunk.Clone())];
        mutator.Change(chunks, [.. ofClient, .. ofServer]);

        // An empty first chunk is the recorded Hello, left as it was.
        return script with
        {
            Chunks = [.. chunks.Select((chunk, index) => index == 0 && chunk.Length == 0 ? null : chunk)]
        };
    }

    private string? LookAfter(IpcServer server)
    {
        if (GC.GetTotalMemory(forceFullCollection: false) > MostBytes
            && GC.GetTotalMemory(forceFullCollection: true) > MostBytes)
        {
            return $"{GC.GetTotalMemory(forceFullCollection: false):N0} bytes are held";
        }

        try
        {
            using IpcConnection<IFuzzed> client = IpcConnection.Connect<IFuzzed>(server.Address);
            Recording.CallEverything(client.Root);
        }
        catch (Exception exception)
        {
            return $"the server does not serve a good client any more: {exception}";
        }

        return _log.TakeDefect() is { } logged ? $"logged: {logged}" : null;
    }

    private int Found(ReplayScript script, int input, string problem)
    {
        Console.WriteLine($"FOUND at input {input}, seed {seed}: {problem}");
        string text = new IpcTraffic(
            script.ToFrames(),
            [script.IsClient ? "server" : Client, $"seed {seed}, input {input}", .. problem.Split('\n')])
            .Format();
        if (findings is null)
        {
            Console.WriteLine(text);
        }
        else
        {
            _ = Directory.CreateDirectory(findings);
            File.WriteAllText(Path.Combine(findings, $"finding-{seed}-{input}.txt"), text);
        }

        return 2;
    }
}
