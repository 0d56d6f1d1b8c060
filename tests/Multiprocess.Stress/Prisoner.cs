using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Multiprocess.Stress;

/// <summary>What a confined child tries.</summary>
internal sealed class Prisoner : IPrisoner
{
    /// <summary>Makes this program that child.</summary>
    public const string Argument = "prisoner";

    /// <summary>Makes this program a child that does not see that a sandbox is asked for.</summary>
    public const string BlindArgument = "blind-prisoner";

    public static bool TryServe(string[] args, out int exitCode)
    {
        exitCode = 0;
        if (args is [BlindArgument, ..])
        {
            Environment.SetEnvironmentVariable("MULTIPROCESS_SANDBOX", null);
        }

        return args is [Argument or BlindArgument, ..]
            && IpcParent.TryServe<IPrisoner>(args, _ => new Prisoner(), out exitCode);
    }

    public string Read(string path) => Try(() => File.ReadAllBytes(path));

    public string Write(string path) => Try(() => File.WriteAllText(path, "text"));

    public string Rename(string from, string to) => Try(() => File.Move(from, to));

    public string Delete(string path) => Try(() => File.Delete(path));

    public string Link(string path, string target) => Try(() => File.CreateSymbolicLink(path, target));

    public string Connect(int port) => Try(() =>
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(IPAddress.Loopback, port);
    });

    public string Listen(string path) => Try(() =>
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        socket.Listen();
    });

    public string Start(string program) => Try(() => Process.Start(program).Dispose());

    public string Signal(int processId) => Try(() => Process.GetProcessById(processId).Kill());

    public int CountThreads(int count)
    {
        using var all = new CountdownEvent(count);
        using var end = new ManualResetEventSlim();
        Thread[] threads = [.. Enumerable.Range(0, count).Select(_ => new Thread(() =>
        {
            all.Signal();
            end.Wait();
        }))];
        Array.ForEach(threads, thread => thread.Start());
        all.Wait();
        GC.Collect();
        end.Set();
        Array.ForEach(threads, thread => thread.Join());
        return threads.Length;
    }

    public int Call(long number, long first, long second, long third)
        => SystemCall((nint)number, (nint)first, (nint)second, (nint)third) == -1 ? Marshal.GetLastPInvokeError() : 0;

    public int HourOfNoonIn(string zone)
        => TimeZoneInfo.ConvertTimeFromUtc(
            new DateTime(2026, 1, 1, 12, 0, 0, DateTimeKind.Utc), TimeZoneInfo.FindSystemTimeZoneById(zone)).Hour;

    private static string Try(Action act)
    {
        try
        {
            act();
            return "done";
        }
        catch (Exception exception)
        {
            return exception.GetType().Name;
        }
    }

    [DllImport("libc", EntryPoint = "syscall", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint SystemCall(nint number, nint first, nint second, nint third);
}
