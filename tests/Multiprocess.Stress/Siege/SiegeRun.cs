using System.Diagnostics;

namespace Multiprocess.Stress.Siege;

/// <summary>
/// Takes descriptors, threads, addresses, disk space or memory away from a server, or stops its peers, while a client
/// that was there before goes on calling. The server must not end, the client must miss no answer, and once it is over
/// new clients are served.
/// </summary>
internal sealed class SiegeRun
{
    private const int Stop = 19;
    private const int Continue = 18;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    // What the host waits for running calls (1 s), and as much again for a slow machine.
    private static readonly TimeSpan s_end = TimeSpan.FromSeconds(4);

    // Clients that are left in the backlog should not make a round long.
    private static readonly IpcConnectionOptions s_impatient = new() { ConnectTimeout = TimeSpan.FromSeconds(4) };

    private readonly Random _random;
    private readonly TimeSpan _duration;
    private readonly string _kind;
    private readonly string _folder = Directory.CreateTempSubdirectory("mp-siege").FullName;
    private readonly Dictionary<string, int> _rounds = [];
    private readonly HashSet<string> _skipped = [];
    private long _refused;
    private long _served;
    private long _witnessed;

    /// <param name="seed">Where the random numbers start.</param>
    /// <param name="duration">How long to go on.</param>
    /// <param name="kind">Which trouble, or <c>all</c>.</param>
    public SiegeRun(int seed, TimeSpan duration, string kind)
    {
        _random = new Random(seed);
        _duration = duration;
        _kind = kind;
    }

    private IpcAddress Address => IpcAddress.Unix(Path.Combine(_folder, $"{_rounds.Values.Sum()}.sock"));

    public int Run()
    {
        (string Name, Action Round)[] kinds =
            [
                ("descriptors", TakeDescriptors),
                ("crowd", Crowd),
                ("threads", TakeThreads),
                ("addresses", TakeAddresses),
                ("disk", FillDisk),
                ("parents", StarveParent),
                ("stopped", StopPeers),
                ("deaf", FillMemory),
            ];
        (string Name, Action Round)[] chosen = [.. kinds.Where(kind => _kind == "all" || kind.Name == _kind)];
        if (chosen.Length == 0)
        {
            Console.Error.WriteLine(
                $"--siege: Expected all, {string.Join(", ", kinds.Select(kind => kind.Name))}, got {_kind}.");
            return 2;
        }

        long start = Stopwatch.GetTimestamp();
        int exitCode = 0;
        try
        {
            do
            {
                (string name, Action round) = chosen[_random.Next(chosen.Length)];
                round();
                _rounds[name] = _rounds.GetValueOrDefault(name) + 1;
            }
            while (Stopwatch.GetElapsedTime(start) < _duration);
        }
        catch (Exception exception) when (exception is StressFailure or IpcException or TimeoutException)
        {
            Console.Error.WriteLine($"Round {_rounds.Values.Sum() + 1}: {exception}");
            exitCode = 1;
        }

        foreach (string skipped in _skipped)
        {
            Console.WriteLine($"skipped: {skipped}");
        }

        Console.WriteLine(
            $"{_rounds.Values.Sum():N0} rounds ({string.Join(", ", _rounds.OrderBy(kind => kind.Key).Select(kind => $"{kind.Key} {kind.Value:N0}"))}): "
                + $"{_served:N0} served, {_refused:N0} refused with a typed error, {_witnessed:N0} calls of clients that went on");
        Directory.Delete(_folder, recursive: true);
        return exitCode;
    }

    /// <summary>More clients than there are descriptors.</summary>
    private void TakeDescriptors()
        => Besiege(
            $"ulimit -n {_random.Next(96, 160)}",
            address => _ = Flood(200, () => IpcConnection.Connect<IStress>(address, s_impatient)));

    /// <summary>
    /// As <see cref="TakeDescriptors"/>, with the limit that most systems set. The server has as many clients as it
    /// can.
    /// </summary>
    private void Crowd()
        => Besiege("ulimit -n 1024", address =>
        {
            int served = Flood(1100, () => IpcConnection.Connect<IStress>(address, s_impatient), open =>
            {
                // Some leave, and as many find a place while the others stay.
                open[..100].ForEach(connection => connection.Dispose());
                MustServe(address);
                open[100..].ForEach(connection => MustAdd(connection.Root));
            });
            // The runtime has some dozens itself, and a sixteenth is kept for what else it needs.
            if (served < 800)
            {
                throw new StressFailure(
                    $"Expected at least 800 clients that are served with 1,024 descriptors, got {served:N0}.");
            }
        });

    /// <summary>More client threads than there are threads for.</summary>
    private void TakeThreads()
    {
        if (Environment.IsPrivilegedProcess)
        {
            // The system does not limit the super-user's.
            TakeThreadsAsNobody();
            return;
        }

        // The limit is on all of the user's, this process's among them. Not every shell can set it.
        Besiege($"prlimit --pid=$$ --nproc={ThreadsOfUser() + _random.Next(40, 60)}", ManyThreads);
    }

    /// <summary>A round of <see cref="TakeThreads"/> in a process of a user that has no other.</summary>
    private void TakeThreadsAsNobody()
        => RunProcess(
        [
            .. Nobody.Command(Environment.ProcessPath!), "--siege", "threads", "--seconds", "0", "--seed",
            $"{_random.Next(1000)}"
        ]);

    /// <summary>A parent that starts children when it has none of something left.</summary>
    private void StarveParent()
    {
        string what = ScarceParent.Kinds[_random.Next(ScarceParent.Kinds.Length)];
        if (ScarceParent.Command(what, Environment.ProcessPath!) is { } command)
        {
            RunProcess(command);
        }
        else
        {
            _skipped.Add("parents without threads, since only the super-user can choose a user that has no others");
        }
    }

    private static void RunProcess(string[] command)
    {
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DOTNET_GCHeapHardLimit"] = "0x10000000";
        start.Environment["HOME"] = Path.GetTempPath();
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        bool ended = process.WaitForExit(2 * s_patience);
        if (!ended)
        {
            process.Kill();
        }

        if (!ended || process.ExitCode != 0)
        {
            throw new StressFailure(
                $"{string.Join(' ', command)} {(ended ? $"ended with {process.ExitCode}" : "did not end")}. "
                    + $"{output.Result} {errors.Result}");
        }

        Console.WriteLine($"  {output.Result.Trim()}");
    }

    /// <summary>
    /// As <see cref="TakeThreads"/>, where their stacks find no place; then calls of all kinds, for which the runtime
    /// needs place too.
    /// </summary>
    private void TakeAddresses()
        => Besiege($"ulimit -s 8192; ulimit -v {_random.Next(5 * 1024, 6 * 1024) * 1024}", address =>
        {
            ManyThreads(address);
            using var callers = new Callers(address, threads: 300, seconds: 2, _random.Next(1000));
            callers.MustEnd();
        });

    /// <summary>A disk that is full while all that crosses is recorded there.</summary>
    private void FillDisk()
    {
        if (!CanMount())
        {
            _skipped.Add("disk, since this user may not mount in a namespace");
            return;
        }

        string disk = Directory.CreateDirectory(Path.Combine(_folder, "disk")).FullName;
        Besiege(
            $"mount -t tmpfs -o size={_random.Next(64, 256)}k,mode=0700 siege '{disk}'",
            address => _ = Flood(20, () =>
            {
                IpcConnection<IStress> connection = IpcConnection.Connect<IStress>(address, s_impatient);
                byte[] bytes = new byte[32 * 1024];
                if (!connection.Root.Reverse(bytes).AsSpan().SequenceEqual(bytes))
                {
                    throw new StressFailure("Bytes came back as others.");
                }

                return connection;
            }),
            $"--record-to '{disk}'",
            inNamespace: true);
    }

    /// <summary>
    /// Clients that are stopped in the middle of what they do, and a server that must end all the same.
    /// </summary>
    private void StopPeers()
    {
        IpcAddress address = Address;
        using var server = new BesiegedServer(address, "true");
        using var witness = new Witness(address);
        var clients = new List<Callers>();
        try
        {
            for (int i = _random.Next(2, 5); i > 0; i--)
            {
                clients.Add(new Callers(address, threads: 4, seconds: 600, _random.Next(1000)));
            }

            witness.MustGoOn(_random.Next(1, 2000));
            clients.ForEach(client => BesiegedServer.Signal(client.Id, Stop));
            witness.MustGoOn(500);
            BesiegedServer.Signal(server.Id, Stop);
            Thread.Sleep(_random.Next(100));
            BesiegedServer.Signal(server.Id, Continue);
            witness.MustGoOn(500);
            MustServe(address);
            _witnessed += witness.Calls;
            witness.Dispose();
            server.End(s_end);
        }
        finally
        {
            clients.ForEach(client => client.Dispose());
        }
    }

    /// <summary>
    /// Many peers that call and never receive, and many that announce large messages and stop: the server's heap is far
    /// smaller than what they ask for, and large messages of others must get through.
    /// </summary>
    private void FillMemory()
        => Besiege(
            "true",
            address =>
            {
                using IpcConnection<IStress> other = IpcConnection.Connect<IStress>(address);
                using var peers = new DeafPeers();
                for (int i = _random.Next(15, 25); i > 0; i--)
                {
                    peers.Add(address, threads: 4, _random.Next(64, 1024) * 1024, sends: long.MaxValue);
                    peers.Add(address, threads: 1, 48 * 1024 * 1024, sends: _random.Next(1024, 2 * 1024 * 1024));
                }

                for (int i = 0; i < 4; i++)
                {
                    byte[] bytes = new byte[_random.Next(64 * 1024, 2 * 1024 * 1024)];
                    _random.NextBytes(bytes);
                    byte[] back = Within(s_patience, () => other.Root.Reverse(bytes));
                    Array.Reverse(back);
                    if (!back.AsSpan().SequenceEqual(bytes))
                    {
                        throw new StressFailure("Bytes came back as others.");
                    }
                }
            },
            "--waiting-bytes 16777216");

    private static T Within<T>(TimeSpan bound, Func<T> call)
    {
        Task<T> task = Task.Factory.StartNew(call, TaskCreationOptions.LongRunning);
        try
        {
            return task.WaitAsync(bound).GetAwaiter().GetResult();
        }
        catch (TimeoutException)
        {
            throw new StressFailure("A client that receives was not served.");
        }
    }

    private static void MustAdd(IStress root)
    {
        if (root.Add(2, 3) != 5)
        {
            throw new StressFailure("2 and 3 are not 5.");
        }
    }

    private void Besiege(string before, Action<IpcAddress> attack, string arguments = "", bool inNamespace = false)
    {
        IpcAddress address = Address;
        using var server = new BesiegedServer(address, before, arguments, inNamespace);
        using var witness = new Witness(address);
        witness.MustGoOn(100);
        attack(address);
        if (!server.IsAlive)
        {
            throw new StressFailure($"The server has ended ({before}). {server.Errors}");
        }

        witness.MustGoOn(100);
        MustServe(address);
        _witnessed += witness.Calls;
        witness.Dispose();
        server.End(s_end);
    }

    /// <summary>Connects many at once, keeps those that are served until all have tried, and lets go.</summary>
    /// <returns>How many were served at once.</returns>
    private int Flood(
        int count, Func<IpcConnection<IStress>> connect, Action<List<IpcConnection<IStress>>>? whileOpen = null)
    {
        var open = new List<IpcConnection<IStress>>();
        try
        {
            Attempt(count, () =>
            {
                IpcConnection<IStress> connection = connect();
                lock (open)
                {
                    open.Add(connection);
                }
            });
            whileOpen?.Invoke(open);
            return open.Count;
        }
        finally
        {
            open.ForEach(connection => connection.Dispose());
        }
    }

    /// <summary>Calls from more threads than the server can have workers for.</summary>
    private void ManyThreads(IpcAddress address)
    {
        // Many connections, since each of them, too, takes a thread.
        IpcConnection<IStress>[] connections =
            [
                .. Enumerable.Range(0, 4).Select(_ => IpcConnection.Connect<IStress>(address, s_impatient)),
            ];
        using var cancel = new CancellationTokenSource();
        Timer? end = null;
        try
        {
            end = new Timer(_ => cancel.Cancel(), null, 1500, Timeout.Infinite);
            Attempt(
                _random.Next(500, 900),
                () => connections[Random.Shared.Next(connections.Length)].Root.WaitForCancel(cancel.Token),
                threads: true);
        }
        finally
        {
            end?.Dispose();
            Array.ForEach(connections, connection => connection.Dispose());
        }
    }

    /// <summary>Tries many times at once. Each try must end: well, or with an error of the toolkit's own.</summary>
    private void Attempt(int count, Action act, bool threads = false)
    {
        Exception? failure = null;
        var all = new List<Thread>();
        int next = 0;
        for (int i = 0; i < (threads ? count : 16); i++)
        {
            var thread = new Thread(
                () =>
                {
                    while (Interlocked.Increment(ref next) <= count)
                    {
                        try
                        {
                            act();
                            Interlocked.Increment(ref _served);
                        }
                        catch (Exception exception) when (exception is IpcException or OperationCanceledException)
                        {
                            Interlocked.Increment(ref _refused);
                        }
                        catch (Exception exception)
                        {
                            failure = exception;
                        }
                    }
                },
                256 * 1024) { IsBackground = true };
            try
            {
                thread.Start();
                all.Add(thread);
            }
            catch (OutOfMemoryException)
            {
                // This process's user is at its limit too.
                break;
            }
        }

        foreach (Thread thread in all)
        {
            if (!thread.Join(s_patience))
            {
                throw new StressFailure("A try did not end.");
            }
        }

        if (failure is not null)
        {
            throw new StressFailure(failure.ToString());
        }
    }

    private static void MustServe(IpcAddress address)
    {
        Exception? last = null;
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < s_patience)
        {
            try
            {
                using IpcConnection<IStress> connection = IpcConnection.Connect<IStress>(address, s_impatient);
                if (connection.Root.Add(2, 3) == 5)
                {
                    return;
                }
            }
            catch (IpcException exception)
            {
                last = exception;
            }
        }

        throw new StressFailure($"No new client is served when it is over: {last}");
    }

    private static int ThreadsOfUser()
    {
        int threads = 0;
        foreach (string process in Directory.EnumerateDirectories("/proc"))
        {
            try
            {
                if (int.TryParse(Path.GetFileName(process), out _)
                    && new FileInfo(Path.Combine(process, "status")).Exists
                    && Owner(process) == Owner("/proc/self"))
                {
                    threads += Directory.GetDirectories(Path.Combine(process, "task")).Length;
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // It has ended meanwhile.
            }
        }

        return threads;
    }

    private static string Owner(string process)
        => File.ReadLines(Path.Combine(process, "status"))
            .First(line => line.StartsWith("Uid:", StringComparison.Ordinal))
            .Split('\t')[1];

    private static bool CanMount()
    {
        using Process probe = Process.Start(new ProcessStartInfo(
            "unshare",
            ["--user", "--map-root-user", "--mount", "sh", "-c", "mount -t tmpfs probe /mnt"]) { RedirectStandardError =
                true })!;
        return probe.WaitForExit(s_patience) && probe.ExitCode == 0;
    }
}
