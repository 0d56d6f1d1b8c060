namespace Multiprocess.Stress.Kills;

/// <summary>
/// The processes that are killed, and the child that sees its parent die. What there is to say goes to standard output.
/// </summary>
internal static class KillProgram
{
    /// <summary>Among the arguments of a child that is called.</summary>
    public const string ServeArgument = "--victim";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(4);

    /// <summary>
    /// Serves the parent, and says afterwards what was left of it; ends before the watch over the parent ends it.
    /// </summary>
    public static bool TryServe(string[] args, out int exitCode)
    {
        exitCode = 0;
        if (!args.Contains(ServeArgument))
        {
            return false;
        }

        var victim = new Victim(Console.WriteLine);
        IpcConnection? served = null;
        IVictim Make(IpcConnection connection)
        {
            served = connection;
            return victim;
        }

        var options = new IpcConnectionOptions { LocalTransport = IpcLocalTransport.Auto };
        if (!IpcParent.TryServe<IVictim>(args, Make, out exitCode, options))
        {
            return false;
        }

        _ = SpinWait.SpinUntil(
            () => !victim.IsBusy && served!.WorkerThreads == 0 && served.CallsInFlight == 0, s_patience);
        Console.WriteLine($"{victim.Outcome}; {Victim.Left(served!)}");
        return true;
    }

    private const int CallsUntilInMemory = 200;

    /// <summary>
    /// Makes a call that rests, to the one that serves at an address or to a child, until somebody kills this process.
    /// </summary>
    public static int Call(string kind, string? address)
    {
        KillKind call = KillKind.All.Single(one => one.Name == kind);
        var own = new Victim(Console.WriteLine);
        if (address is not null)
        {
            // Killed while its messages are in shared memory; where a child is called, they are on the socket.
            using IpcConnection<IVictim> connection = IpcConnection.Connect<IVictim>(
                address, new IpcConnectionOptions { LocalTransport = IpcLocalTransport.Memory });
            for (int i = 0; i < CallsUntilInMemory; i++)
            {
                connection.Root.Add(i, 1);
            }

            call.Call(connection.Root, own);
        }
        else
        {
            using var child = IpcChildProcess.Spawn<IVictim>(
                Environment.ProcessPath!, new IpcSpawnOptions { Arguments = [ServeArgument] });
            Console.WriteLine(child.Id);
            call.Call(child.Root, own);
        }

        return 0;
    }
}
