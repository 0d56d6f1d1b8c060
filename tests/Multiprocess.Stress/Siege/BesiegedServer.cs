using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Multiprocess.Stress.Siege;

/// <summary>
/// The stress program as a server in a process of its own, begun by a shell that takes something away from it first.
/// </summary>
internal sealed class BesiegedServer : IDisposable
{
    private const int Terminate = 15;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly Task<string> _errors;

    /// <param name="address">Where it serves.</param>
    /// <param name="before">What the shell does first, such as <c>ulimit -n 128</c>.</param>
    /// <param name="arguments">What it gets beside the address.</param>
    /// <param name="inNamespace">Whether it runs as the owner of a user namespace, where it may mount.</param>
    public BesiegedServer(IpcAddress address, string before, string arguments = "", bool inNamespace = false)
    {
        string command = $"{before}; exec '{Environment.ProcessPath}' --serve '{address}' {arguments}";
        var start = inNamespace
            ? new ProcessStartInfo("unshare", ["--user", "--map-root-user", "--mount", "sh", "-c", command])
            : new ProcessStartInfo("sh", ["-c", command]);
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;

        // Its own heap must not be what is short, and must fit below a limit on addresses.
        start.Environment["DOTNET_GCHeapHardLimit"] = "0x10000000";
        Address = address;
        _process = Process.Start(start)!;
        _errors = _process.StandardError.ReadToEndAsync();
        string? line = _process.StandardOutput.ReadLineAsync().WaitAsync(s_patience).GetAwaiter().GetResult();
        if (line is null || !line.StartsWith("serving at", StringComparison.Ordinal))
        {
            throw new StressFailure(
                $"The server did not begin: {line} {_errors.WaitAsync(s_patience).GetAwaiter().GetResult()}");
        }
    }

    public int Id => _process.Id;

    /// <summary>Where it serves.</summary>
    public IpcAddress Address { get; }

    public bool IsAlive => !_process.HasExited;

    /// <summary>
    /// Asks it to end, and checks that it does, in good order and in time. A busy machine is given more.
    /// </summary>
    public void End(TimeSpan bound)
    {
        Dictionary<string, TimeSpan> before = WaitsForProcessor();
        long start = Stopwatch.GetTimestamp();
        Signal(Id, Terminate);
        TimeSpan busy = TimeSpan.Zero;
        TimeSpan? untroubled = null;
        while (!_process.WaitForExit(TimeSpan.FromMilliseconds(100)))
        {
            foreach ((string thread, TimeSpan waited) in WaitsForProcessor())
            {
                TimeSpan since = waited - before.GetValueOrDefault(thread);
                busy = since > busy ? since : busy;
            }

            // An end takes its way through several threads, one after another. The wait for a processor is not all
            // that a busy machine costs, so a server that was never besieged is asked how long its end takes now.
            TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
            if (elapsed > bound + (4 * busy) && elapsed > bound + (4 * (untroubled ??= EndOfUntroubled())))
            {
                throw new StressFailure(
                    $"The server did not end within {bound.TotalSeconds:N1} s: {elapsed.TotalSeconds:N1} s went by, " +
                    $"in which no thread of it waited more than {busy.TotalSeconds:N1} s for a processor; one " +
                    $"that was never besieged took {untroubled?.TotalSeconds:N1} s.");
            }
        }

        if (_process.ExitCode != 0)
        {
            throw new StressFailure($"The server ended with {_process.ExitCode}. {Errors}");
        }
    }

    /// <summary>The time that a server in no trouble takes from its start to its end on this machine now.</summary>
    private static TimeSpan EndOfUntroubled()
    {
        string folder = Directory.CreateTempSubdirectory("mp-calm").FullName;
        try
        {
            long start = Stopwatch.GetTimestamp();
            using var server = new BesiegedServer(IpcAddress.Unix(Path.Combine(folder, "s.sock")), "true");
            using (IpcConnection<IStress> client = IpcConnection.Connect<IStress>(server.Address))
            {
                client.Root.Add(1, 2);
            }

            Signal(server.Id, Terminate);
            server._process.WaitForExit();
            return Stopwatch.GetElapsedTime(start);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>What it has written to standard error, once it has ended.</summary>
    public string Errors => _errors.WaitAsync(s_patience).GetAwaiter().GetResult();

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    /// <summary>
    /// What each of its threads has waited for a processor since it began; empty where the system does not tell.
    /// </summary>
    private Dictionary<string, TimeSpan> WaitsForProcessor()
    {
        var waits = new Dictionary<string, TimeSpan>();
        try
        {
            foreach (string thread in Directory.GetDirectories($"/proc/{Id}/task"))
            {
                // Time on a processor, time in wait for one, in nanoseconds.
                string path = Path.Combine(thread, "schedstat");
                if (File.Exists(path) && File.ReadAllText(path).Split(' ') is [_, var waited, ..])
                {
                    long nanoseconds = long.Parse(waited, CultureInfo.InvariantCulture);
                    waits[thread] = TimeSpan.FromMicroseconds(nanoseconds / 1000.0);
                }
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A thread or the process has ended meanwhile.
        }

        return waits;
    }

    /// <summary>Sends a signal to a process of this run.</summary>
    public static void Signal(int process, int signal)
    {
        if (SendSignal(process, signal) != 0)
        {
            throw new StressFailure($"No signal {signal} could be sent to process {process}.");
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int SendSignal(int process, int signal);
}
