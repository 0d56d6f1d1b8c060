using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Multiprocess.Stress.Siege;

/// <summary>
/// A parent that has taken all descriptors, threads or addresses that its limits allow, gives them back one after
/// another, and tries to start a child each time: so each step of a start is the one that finds nothing. A start must
/// end with a child that serves or with an error of the toolkit's own, and nothing of it may be left.
/// </summary>
internal sealed class ScarceParent
{
    public static readonly string[] Kinds = ["descriptors", "threads", "addresses"];

    private const int Most = 2000;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    // A child that cannot start for want of the same should not make a run long. Where nothing is scarce, only a busy
    // machine makes a start long.
    private static readonly IpcSpawnOptions s_impatient = new()
    {
        ConnectTimeout = TimeSpan.FromSeconds(10),
        ErrorTailBytes = 512,
    };

    private static readonly IpcSpawnOptions s_patient = s_impatient with { ConnectTimeout = 2 * s_patience };

    private readonly Stack<Action> _giveBack = [];
    private int _served;
    private int _refused;

    /// <summary>
    /// What runs this with so few of something; null where the limit cannot be set for one process alone.
    /// </summary>
    public static string[]? Command(string what, string program)
    {
        // Few enough for a quick start, and more than a parent needs with one child.
        (string[]? command, string limit) = what switch
        {
            "descriptors" => ([program], "--nofile=256"),
            "threads" => (Environment.IsPrivilegedProcess ? Nobody.Command(program) : null, "--nproc=120"),
            _ => ((string[]?)[program], "--as=6442450944"),
        };
        return command is null ? null : ["prlimit", limit, .. command, "--scarce-parent", what];
    }

    public int Run(string what)
    {
        foreach (IpcSpawnChannel channel in new[] { IpcSpawnChannel.Inherited, IpcSpawnChannel.OneTimeSocket })
        {
            // What is made once for the process is there before it is counted.
            Spawn(channel, s_patient).Dispose();
            SpawnAsync(channel, s_patient).GetAwaiter().GetResult().Dispose();
        }

        string[] descriptors = Descriptors();
        int threads = Threads();
        (Func<bool> take, int steps) = what switch
        {
            "descriptors" => ((Func<bool>)TakeDescriptor, 12),
            "threads" => (TakeThread, 24),
            "addresses" => (TakeAddresses, 12),
            _ => throw new StressFailure($"Expected descriptors, threads or addresses, got {what}."),
        };
        while (take())
        {
            if (_giveBack.Count > Most)
            {
                throw new StressFailure($"Expected a limit on {what}, of which {Most:N0} could be taken.");
            }
        }

        for (int step = 0; step < steps && _giveBack.Count > 0; step++)
        {
            Try(() => Spawn(IpcSpawnChannel.Inherited, s_impatient));
            Try(() => Spawn(IpcSpawnChannel.OneTimeSocket, s_impatient));
            Try(
                () => SpawnAsync(
                    step % 2 == 0
                        ? IpcSpawnChannel.Inherited
                        : IpcSpawnChannel.OneTimeSocket,
                    s_impatient).GetAwaiter().GetResult());
            _giveBack.Pop()();
        }

        while (_giveBack.TryPop(out Action? giveBack))
        {
            giveBack();
        }

        Await(() => Children() == 0, () => $"{Children()} children");

        // One more is the console's, made once a child has written to standard error.
        Await(
            () => Descriptors().Length <= descriptors.Length + 1,
            () => $"{string.Join(", ", Descriptors())}; there were {string.Join(", ", descriptors)}");
        Await(() => Threads() <= threads + 2, () => $"{Threads()} threads, where {threads} were");
        Spawn(IpcSpawnChannel.Inherited, s_patient).Dispose();
        Spawn(IpcSpawnChannel.OneTimeSocket, s_patient).Dispose();
        Console.WriteLine($"{_served} served, {_refused} refused with a typed error, nothing is left");
        return 0;
    }

    private static IpcChildProcess<IStress> Spawn(IpcSpawnChannel channel, IpcSpawnOptions options)
        => Serving(IpcChildProcess.Spawn<IStress>(Environment.ProcessPath!, options with { Channel = channel }));

    private static async Task<IpcChildProcess<IStress>> SpawnAsync(IpcSpawnChannel channel, IpcSpawnOptions options)
        => Serving(
            await IpcChildProcess.SpawnAsync<IStress>(
                Environment.ProcessPath!, options with { Channel = channel }));

    private static IpcChildProcess<IStress> Serving(IpcChildProcess<IStress> child)
    {
        try
        {
            return child.Root.Add(2, 3) == 5 ? child : throw new StressFailure("2 and 3 are not 5.");
        }
        catch
        {
            child.Dispose();
            throw;
        }
    }

    private void Try(Func<IpcChildProcess<IStress>> spawn)
    {
        try
        {
            spawn().Dispose();
            _served++;
        }
        catch (IpcException)
        {
            _refused++;
        }
    }

    private bool TakeDescriptor()
    {
        try
        {
            SafeFileHandle handle = File.OpenHandle("/dev/null");
            _giveBack.Push(handle.Dispose);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private bool TakeThread()
    {
        var end = new ManualResetEventSlim();
        var thread = new Thread(end.Wait, 128 * 1024) { IsBackground = true };
        try
        {
            thread.Start();
        }
        catch (OutOfMemoryException)
        {
            return false;
        }

        _giveBack.Push(() =>
        {
            end.Set();
            thread.Join();
        });
        return true;
    }

    /// <summary>
    /// In pieces of 32 MiB, the last ten of which are left to the runtime: it ends a process that has none.
    /// </summary>
    private bool TakeAddresses()
    {
        const int Piece = 32 * 1024 * 1024;
        const int ForRuntime = 4 * Piece;
        nint rest = Map(0, ForRuntime, 0, PrivateAnonymousUnreserved, -1, 0);
        nint piece = rest == -1 ? -1 : Map(0, Piece, 0, PrivateAnonymousUnreserved, -1, 0);
        if (rest != -1)
        {
            _ = Unmap(rest, ForRuntime);
        }

        if (piece == -1)
        {
            return false;
        }

        _giveBack.Push(() => _ = Unmap(piece, Piece));
        return true;
    }

    /// <summary>What is open, but for assemblies and their symbols, which stay once they are loaded.</summary>
    private static string[] Descriptors()
        =>
            [
                .. Directory.GetFiles("/proc/self/fd")
                    .Select(Target)
                    .Where(target => target is not null && Path.GetExtension(target) is not (".dll" or ".pdb"))!,
            ];

    private static string? Target(string file)
    {
        try
        {
            return File.ResolveLinkTarget(file, returnFinalTarget: false)?.Name;
        }
        catch (IOException)
        {
            // Of the listing itself.
            return null;
        }
    }

    private static int Threads() => Directory.GetDirectories("/proc/self/task").Length;

    /// <summary>Those that were not reaped, too.</summary>
    private static int Children()
        => Directory.GetDirectories("/proc/self/task").Sum(thread =>
        {
            try
            {
                return File.ReadAllText($"{thread}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries).Length;
            }
            catch (IOException)
            {
                return 0;
            }
        });

    private static void Await(Func<bool> condition, Func<string> what)
    {
        bool holds = SpinWait.SpinUntil(
            () =>
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                return condition();
            },
            s_patience);
        if (!holds)
        {
            throw new StressFailure($"Left behind: {what()}.");
        }
    }

    private const int PrivateAnonymousUnreserved = 0x2 | 0x20 | 0x4000;

    [DllImport("libc", EntryPoint = "mmap")]
    private static extern nint Map(nint wish, nuint bytes, int access, int flags, int file, nint offset);

    [DllImport("libc", EntryPoint = "munmap")]
    private static extern int Unmap(nint start, nuint bytes);
}
