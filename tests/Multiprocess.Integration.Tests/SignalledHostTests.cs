using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Multiprocess.Stress;

namespace Multiprocess.Integration.Tests;

/// <summary>A host that is asked to end does so with code 0, in bounded time, whatever its clients are doing.</summary>
[Platform("Linux")]
[CancelAfter(120_000)]
public sealed class SignalledHostTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private string _folder = null!;

    public enum Client
    {
        None,
        Idle,
        Calling,
        Blocked,
        BlockedForEver,
        InNestedCallback,
        SendingLargeMessages,
        NeverReturningFromACallback,
        StoppedInMidCall,
        SilentBeforeHello,
        HoldingObjectsAndEvents,
        AwaitingAsync,
    }

    private IpcAddress Address => IpcAddress.Unix(Path.Combine(_folder, "h.sock"));

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("mp").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public async Task A_signalled_host_ends_with_code_0(
        [Values] Client client, [Values(PosixSignal.SIGTERM, PosixSignal.SIGINT)] PosixSignal signal)
    {
        Process host = StressProgram.Start("--serve", Address.ToString());
        using var end = new KilledAtTheEnd(host);
        Assert.That(await host.StandardOutput.ReadLineAsync().WaitAsync(s_patience), Does.StartWith("serving at"));
        using var doing = new Activity(client, Address);
        await doing.Begun.WaitAsync(s_patience);

        Assert.That(SendSignal(host.Id, signal == PosixSignal.SIGTERM ? 15 : 2), Is.Zero);

        await host.WaitForExitAsync().WaitAsync(s_patience);
        Assert.That(host.ExitCode, Is.Zero, await host.StandardError.ReadToEndAsync());
        Assert.That(File.Exists(Path.Combine(_folder, "h.sock")), Is.False, "the socket is removed");
        await doing.AssertEnded();
    }

    [DllImport("libc", EntryPoint = "kill")]
    internal static extern int SendSignal(int process, int signal);

    private sealed class KilledAtTheEnd(Process process) : IDisposable
    {
        public void Dispose()
        {
            process.Kill();
            process.WaitForExit();
            process.Dispose();
        }
    }

    /// <summary>A client that does something for as long as it is let.</summary>
    private sealed class Activity : IDisposable
    {
        private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly List<Task> _callers = [];
        private readonly List<IDisposable> _kept = [];
        private IpcConnection<IStress>? _connection;

        public Activity(Client client, IpcAddress address)
        {
            switch (client)
            {
                case Client.None:
                    _begun.SetResult();
                    return;
                case Client.StoppedInMidCall:
                    Process stopped = StressProgram.Start(
                        "--connect", address.ToString(), "--seconds=60", "--threads=4");
                    _kept.Add(new KilledAtTheEnd(stopped));
                    Assert.That(stopped.StandardOutput.ReadLine(), Does.Contain("calls process"));
                    Assert.That(SendSignal(stopped.Id, 19), Is.Zero);
                    _begun.SetResult();
                    return;
                case Client.SilentBeforeHello:
                    var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                    socket.Connect(new UnixDomainSocketEndPoint(address.Path!));
                    _kept.Add(socket);
                    _begun.SetResult();
                    return;
            }

            _connection = IpcConnection.Connect<IStress>(address);
            IStress root = _connection.Root;
            root.Add(1, 2);
            switch (client)
            {
                case Client.Idle:
                    _begun.SetResult();
                    break;
                case Client.Calling:
                    for (int thread = 0; thread < 4; thread++)
                    {
                        Call(() => root.Add(1, 2), repeat: true);
                    }

                    _begun.SetResult();
                    break;
                case Client.Blocked:
                    Call(() => root.WaitForCancel(CancellationToken.None), repeat: false);
                    BegunWhenServed(root);
                    break;
                case Client.BlockedForEver:
                    Call(root.Hang, repeat: false);
                    BegunWhenServed(root);
                    break;
                case Client.InNestedCallback:
                    Call(
                        () => root.Nest(5, depth =>
                        {
                            _begun.TrySetResult();
                            return root.WaitForCancel(CancellationToken.None) + depth;
                        }),
                        repeat: false);
                    break;
                case Client.SendingLargeMessages:
                    byte[] large = new byte[8 * 1024 * 1024];
                    Call(() => root.Reverse(large), repeat: true);
                    Call(() => root.Reverse(large), repeat: true);
                    _begun.SetResult();
                    break;
                case Client.NeverReturningFromACallback:
                    Call(
                        () => root.Nest(1, _ =>
                        {
                            _begun.TrySetResult();
                            Thread.Sleep(Timeout.Infinite);
                            return 0;
                        }),
                        repeat: false,
                        ends: false);
                    break;
                case Client.HoldingObjectsAndEvents:
                    root.Raised += _ => { };
                    _kept.AddRange(Enumerable.Range(0, 100).Select(root.MakeNode));
                    _begun.SetResult();
                    break;
                case Client.AwaitingAsync:
                    _callers.Add(Task.WhenAll(Enumerable.Range(0, 1000).Select(i => root.AddAsync(i, 1))));
                    _begun.SetResult();
                    break;
            }
        }

        public Task Begun => _begun.Task;

        public async Task AssertEnded()
        {
            foreach (Task caller in _callers)
            {
                try
                {
                    await caller.WaitAsync(s_patience);
                }
                catch (Exception exception) when (exception is IpcDisconnectedException or OperationCanceledException
                    or IpcRemoteException { RemoteType: "Multiprocess.IpcDisconnectedException" })
                {
                    // What was cancelled by the shutdown may say so, also by way of a callback; the rest was cut off.
                }
            }

            if (_connection is not null)
            {
                Assert.That(() => _connection.Root.Add(1, 2), Throws.TypeOf<IpcDisconnectedException>());
            }
        }

        public void Dispose()
        {
            _kept.ForEach(kept => kept.Dispose());
            _connection?.Dispose();
        }

        private void BegunWhenServed(IStress root)
        {
            // A later call of another thread: the first has been handed over by then.
            root.Add(1, 2);
            _begun.SetResult();
        }

        private void Call(Action call, bool repeat, bool ends = true)
        {
            Task caller = Task.Factory.StartNew(
                () =>
                {
                    do
                    {
                        call();
                    }
                    while (repeat);
                },
                TaskCreationOptions.LongRunning);
            if (ends)
            {
                _callers.Add(caller);
            }
        }
    }
}
