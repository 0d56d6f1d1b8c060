using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;
using Multiprocess.Messages;
using Multiprocess.Native;
using Multiprocess.Processes;
using Multiprocess.Protocols;
using Multiprocess.Tests.Support;
using Multiprocess.Transports;
using Multiprocess.Transports.Unix;

namespace Multiprocess.Tests.Transports;

/// <summary>Children are small programs of the system, which answer on descriptor 3 as a served child would.</summary>
[TestFixture]
[UnsupportedOSPlatform("windows")]
internal sealed partial class ChildLauncherTests
{
    [Test]
    public void The_child_s_end_is_connected_to_ours_in_both_directions()
    {
        (ChildProcess child, UnixSocketTransport transport) = Shell("cat <&3 >&3");
        using (transport)
        {
            _ = transport.TrySend("to and fro"u8, default);
            Assert.That(Read(transport, "to and fro".Length), Is.EqualTo("to and fro"));
            Assert.That(transport.Peer, Is.EqualTo(PeerCredentials.Own() with { ProcessId = child.Id }));
        }

        Assert.That(Exit(child), Is.EqualTo(new ChildExit(0, 0)));
    }

    [Test]
    public void The_arguments_are_the_extra_ones_and_the_descriptor()
    {
        (ChildProcess child, UnixSocketTransport transport) = Shell(
            "printf '%s|' \"$0\" \"$@\" >&3", "extra one", "", "ü");
        using (transport)
        {
            Assert.That(ReadAll(transport), Is.EqualTo("extra one||ü|-ipcfd|3|"));
        }

        Assert.That(Exit(child).Code, Is.Zero);
    }

    [Test]
    public void Exactly_one_descriptor_is_inherited_even_when_other_code_left_some_inheritable()
    {
        int inheritable = Duplicate(0);
        try
        {
            Assert.That(Descriptors.IsClosedOnExec(inheritable), Is.False);
            (ChildProcess child, UnixSocketTransport transport) = Shell(ListDescriptors);
            using (transport)
            {
                Assert.That(ReadAll(transport), Is.EqualTo(StandardOnesTheSocketAndTheListing));
            }

            Assert.That(Exit(child).Code, Is.Zero);
        }
        finally
        {
            _ = NativeFiles.Close(inheritable);
        }
    }

    [Test]
    public void Many_launches_at_once_never_see_each_other_s_descriptors()
    {
        string[] listings = new string[48];
        Thread[] threads = [.. Enumerable.Range(0, 6).Select(number => new Thread(() =>
        {
            for (int i = number; i < listings.Length; i += 6)
            {
                (ChildProcess child, UnixSocketTransport transport) = Shell(ListDescriptors);
                using (transport)
                {
                    listings[i] = ReadAll(transport);
                }

                _ = child.Wait(Bounds.Time);
            }
        }))];

        foreach (Thread thread in threads)
        {
            thread.Start();
        }

        Assert.That(threads.All(thread => thread.Join(Bounds.Milliseconds)), Is.True);
        Assert.That(listings, Is.All.EqualTo(StandardOnesTheSocketAndTheListing));
    }

    [TestCase("child output")]
    [TestCase("child 0")]
    [NonParallelizable]
    public void A_child_for_which_there_is_no_thread_is_a_typed_error_and_is_reaped(string name)
    {
        BackgroundThread.Refuses = started
            => started == name
                || (name == "child 0"
                    && started.StartsWith("child ", StringComparison.Ordinal)
                    && char.IsAsciiDigit(started[^1]));
        try
        {
            var launch = new ChildLaunch("/bin/sh") { Arguments = ["-c", "sleep 60"], ErrorTailBytes = 1024 };
            IpcException failure = Assert.Throws<IpcException>(() => ChildLauncher.Launch(launch))!;

            Assert.That(failure.Kind, Is.EqualTo(IpcErrorKind.SpawnFailed));
            Assert.That(failure.Message, Does.Contain("/bin/sh").And.Contain("short"));
        }
        finally
        {
            BackgroundThread.Refuses = null;
        }
    }

    [TestCase("ipc spawn")]
    [TestCase("child output")]
    [TestCase("child 0")]
    [NonParallelizable]
    public async Task A_start_that_holds_no_thread_of_the_callers_and_gets_none_is_a_typed_error(string name)
    {
        BackgroundThread.Refuses = started
            => started == name
                || (name == "child 0"
                    && started.StartsWith("child ", StringComparison.Ordinal)
                    && char.IsAsciiDigit(started[^1]));
        try
        {
            foreach (IpcSpawnChannel channel in new[] { IpcSpawnChannel.Inherited, IpcSpawnChannel.OneTimeSocket })
            {
                var options = new IpcSpawnOptions { Channel = channel, Arguments = ["60"] };

                IpcException? failure = await Assert.ThrowsAsync<IpcException>(
                    () => IpcChildProcess.SpawnAsync<IStage>("/bin/sleep", options).WaitAsync(Bounds.Time));

                Assert.That(failure!.Kind, Is.EqualTo(IpcErrorKind.SpawnFailed));
                Assert.That(failure.Message, Does.Contain("/bin/sleep").And.Contain("thread"));
            }
        }
        finally
        {
            BackgroundThread.Refuses = null;
        }
    }

    [Test]
    [NonParallelizable]
    public async Task A_client_that_gets_no_thread_to_connect_on_is_told_so_and_its_end_is_closed()
    {
        (UnixSocketTransport mine, UnixSocketTransport theirs) = TransportPair.CreateSocketPair();
        using (theirs)
        {
            BackgroundThread.Refuses = name => name == "ipc connect";
            try
            {
                IpcException? failure = await Assert.ThrowsAsync<IpcException>(
                    () => IpcConnection.Elsewhere(
                        () => IpcConnection.ConnectOver<IStage>(mine, new IpcConnectionOptions()),
                        CancellationToken.None,
                        mine));

                Assert.That(failure!.Kind, Is.EqualTo(IpcErrorKind.LimitExceeded));
                Assert.That(theirs.Receive(new byte[1]), Is.Zero, "the other side sees the end");
            }
            finally
            {
                BackgroundThread.Refuses = null;
            }
        }
    }

    [Test]
    public void An_ended_child_holds_no_descriptor_of_this_process()
    {
        (ChildProcess child, UnixSocketTransport transport) = ChildLauncher.Launch(
            new ChildLaunch("/bin/sh") { Arguments = ["-c", "exit 0"], ErrorTailBytes = 1024 });
        transport.Dispose();
        _ = Exit(child);
        int before = Copies();
        (ChildProcess other, UnixSocketTransport otherTransport) = ChildLauncher.Launch(
            new ChildLaunch("/bin/sh") { Arguments = ["-c", "exit 0"], ErrorTailBytes = 1024 });
        otherTransport.Dispose();
        _ = Exit(other);
        Assert.That(other.Errors!.WaitForEnd(Bounds.Time), Is.True);

        Assert.That(Copies(), Is.LessThanOrEqualTo(before));
        GC.KeepAlive(child);
        GC.KeepAlive(other);

        static int Copies()
        {
            string? error = File.ResolveLinkTarget("/proc/self/fd/2", returnFinalTarget: false)?.FullName;
            return Directory.GetFiles("/proc/self/fd").Count(file => Target(file) == error);
        }

        static string? Target(string file)
        {
            try
            {
                return File.ResolveLinkTarget(file, returnFinalTarget: false)?.FullName;
            }
            catch (IOException)
            {
                return null;
            }
        }
    }

    [Test]
    public void Waiting_without_a_limit_waits_for_the_end()
    {
        (ChildProcess child, UnixSocketTransport transport) = Shell("cat <&3 >&3");
        Task<bool> waiting = Task.Run(() => child.Wait(Timeout.InfiniteTimeSpan));
        transport.Dispose();

        Assert.That(waiting.Wait(Bounds.Time) && waiting.Result, Is.True);
        Assert.That(child.Exited.IsCompleted || child.Wait(TimeSpan.Zero), Is.True);
    }

    [TestCase("a\0b", "NUL")]
    [TestCase(null, "null")]
    public void An_argument_that_would_be_cut_off_is_refused(string? argument, string reason)
        => Assert.That(
            () => IpcChildProcess.Spawn<IDisposable>(
                "/bin/true", new IpcSpawnOptions { Arguments = ["first", argument!] }),
            Throws.TypeOf<ArgumentException>().With.Message.Contains(reason));

    [TestCase("", "x")]
    [TestCase("A=B", "x")]
    [TestCase("A\0", "x")]
    [TestCase("A", "x\0y")]
    public void A_variable_that_would_be_taken_for_another_is_refused(string name, string value)
        => Assert.That(
            () => IpcChildProcess.Spawn<IDisposable>(
                "/bin/true", new IpcSpawnOptions { Environment = new Dictionary<string, string?> { [name] = value } }),
            Throws.TypeOf<ArgumentException>().With.Message.Contains("variable"));

    [Test]
    public void The_time_to_exit_is_not_negative_and_not_endless_by_mistake()
    {
        Assert.That(
            () => new IpcSpawnOptions { ExitTimeout = TimeSpan.MaxValue },
            Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(
            () => new IpcSpawnOptions { ExitTimeout = TimeSpan.FromSeconds(-5) },
            Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(
            new IpcSpawnOptions { ExitTimeout = Timeout.InfiniteTimeSpan }.ExitTimeout,
            Is.EqualTo(Timeout.InfiniteTimeSpan));
        Assert.That(new IpcSpawnOptions { ExitTimeout = TimeSpan.Zero }.ExitTimeout, Is.EqualTo(TimeSpan.Zero));
    }

    [Test]
    public void The_end_of_a_child_ends_its_stream_even_while_others_run()
    {
        (ChildProcess other, UnixSocketTransport otherTransport) = Shell("cat <&3");
        (ChildProcess child, UnixSocketTransport transport) = Shell("exit 0");
        (ChildProcess third, UnixSocketTransport thirdTransport) = Shell("cat <&3");
        using (otherTransport)
        using (thirdTransport)
        using (transport)
        {
            Assert.That(transport.Receive(new byte[1]), Is.Zero);
            Assert.That(other.Wait(TimeSpan.Zero), Is.False);
            Assert.That(third.Wait(TimeSpan.Zero), Is.False);
        }

        Assert.That(new[] { Exit(child), Exit(other), Exit(third) }, Is.All.EqualTo(new ChildExit(0, 0)));
    }

    [TestCase("exit 0", 0)]
    [TestCase("exit 7", 7)]
    [TestCase("exit 255", 255)]
    public void The_exit_code_is_reported(string script, int code)
    {
        (ChildProcess child, UnixSocketTransport transport) = Shell(script);
        using (transport)
        {
            Assert.That(Exit(child), Is.EqualTo(new ChildExit(code, 0)));
            Assert.That(Exit(child).Status, Is.EqualTo(code));
        }
    }

    [TestCase(NativeProcess.KillSignal)]
    [TestCase(NativeProcess.TerminateSignal)]
    public void A_killed_child_is_reaped_and_its_signal_reported(int signal)
    {
        (ChildProcess child, UnixSocketTransport transport) = ChildLauncher.Launch(
            new ChildLaunch("/bin/sh") { Arguments = ["-c", "exec sleep 1000"] });
        using (transport)
        {
            Assert.That(child.Kill(signal), Is.True);

            Assert.That(Exit(child), Is.EqualTo(new ChildExit(0, signal)));
            Assert.That(Exit(child).Status, Is.EqualTo(128 + signal));
            Assert.That(child.Kill(signal), Is.False, "The number may already be another process's.");
            Assert.That(Directory.Exists($"/proc/{child.Id}"), Is.False, "No zombie is left.");
        }
    }

    [Test]
    public void Waiting_for_a_running_child_is_bounded()
    {
        (ChildProcess child, UnixSocketTransport transport) = Shell("cat <&3");
        using (transport)
        {
            Assert.That(child.Wait(TimeSpan.Zero), Is.False);
            Assert.That(child.Wait(TimeSpan.FromMilliseconds(10)), Is.False);
            Assert.That(child.Exited.IsCompleted, Is.False);
        }

        Assert.That(child.Wait(Bounds.Time), Is.True);
        Assert.That(child.Exited.Wait(Bounds.Time), Is.True);
    }

    [Test]
    public void No_zombies_no_threads_and_no_descriptors_are_left()
    {
        int descriptors = Descriptors.Count();
        List<int> ids = [];
        for (int i = 0; i < 40; i++)
        {
            (ChildProcess child, UnixSocketTransport transport) = Shell("exit 1");
            using (transport)
            {
                _ = Exit(child);
                ids.Add(child.Id);
            }
        }

        Assert.That(ids.Where(id => Directory.Exists($"/proc/{id}")), Is.Empty);
        Assert.That(Descriptors.Count(), Is.LessThan(descriptors + 20));
        Assert.That(
            SpinWait.SpinUntil(
                () => !ThreadNames().Any(name => ids.Any(id => name == $"child {id}")), Bounds.Milliseconds),
            Is.True);
    }

    [Test]
    public void Other_code_s_children_are_left_to_it()
    {
        (ChildProcess child, UnixSocketTransport transport) = Shell("exit 0");
        using System.Diagnostics.Process other = System.Diagnostics.Process.Start("/bin/sh", ["-c", "exit 5"]);
        using (transport)
        {
            Assert.That(other.WaitForExit(Bounds.Milliseconds), Is.True);
            Assert.That(other.ExitCode, Is.EqualTo(5));
            Assert.That(Exit(child), Is.EqualTo(new ChildExit(0, 0)));
        }
    }

    [Test]
    public void The_environment_is_this_process_s_with_the_changes()
    {
        Environment.SetEnvironmentVariable("MP_KEPT", "kept");
        Environment.SetEnvironmentVariable("MP_REMOVED", "still here");
        try
        {
            (ChildProcess child, UnixSocketTransport transport) = ChildLauncher.Launch(new ChildLaunch("/bin/sh")
            {
                Arguments = ["-c", "echo \"$MP_KEPT,${MP_REMOVED-gone},$MP_ADDED\" >&3"],
                Environment = new Dictionary<string, string?> { ["MP_REMOVED"] = null, ["MP_ADDED"] = "added=yes" },
            });
            using (transport)
            {
                Assert.That(ReadAll(transport), Is.EqualTo("kept,gone,added=yes\n"));
            }

            _ = Exit(child);
        }
        finally
        {
            Environment.SetEnvironmentVariable("MP_KEPT", null);
            Environment.SetEnvironmentVariable("MP_REMOVED", null);
        }
    }

    [Test]
    public void The_child_starts_in_the_given_directory()
    {
        using SocketDirectory directory = new();
        (ChildProcess child, UnixSocketTransport transport) = ChildLauncher.Launch(
            new ChildLaunch("/bin/sh") { Arguments = ["-c", "pwd -P >&3"], WorkingDirectory = directory.Path });
        using (transport)
        {
            Assert.That(ReadAll(transport).TrimEnd(), Is.EqualTo(directory.Path));
        }

        _ = Exit(child);
    }

    [Test]
    public void Signals_are_neither_ignored_nor_blocked_in_the_child()
    {
        (ChildProcess child, UnixSocketTransport transport) = Shell("grep -E 'Sig(Blk|Ign)' /proc/self/status >&3");
        using (transport)
        {
            // Signals 32 and 33 are the C library's own, which it always ignores in what it spawns.
            const ulong OwnSignals = 3UL << 31;
            ulong[] masks = [.. ReadAll(transport).Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => Convert.ToUInt64(line.Split('\t')[1], 16) & ~OwnSignals)];
            Assert.That(masks, Is.EqualTo(new ulong[] { 0, 0 }));
        }

        _ = Exit(child);
    }

    [Test]
    public void A_missing_program_is_named_with_the_step_and_the_reason()
    {
        Assert.That(
            () => ChildLauncher.Launch(new ChildLaunch("/nowhere/calc-worker")),
            SpawnFailed("'/nowhere/calc-worker'").And.Message.Contains("executing").And.Message.Contains(
                "No such file"));
        Assert.That(
            () => ChildLauncher.Launch(new ChildLaunch("no-such-worker")),
            SpawnFailed("'no-such-worker'").And.Message.Contains(AppContext.BaseDirectory.TrimEnd('/')));
    }

    [Test]
    public void A_program_that_is_not_executable_is_named_with_the_reason()
    {
        using SocketDirectory directory = new();
        File.WriteAllText(directory["plain"], "text");
        File.SetUnixFileMode(directory["plain"], UnixFileMode.UserRead);

        Assert.That(() => ChildLauncher.Launch(new ChildLaunch(directory["plain"])), SpawnFailed("Permission denied"));
        File.SetUnixFileMode(directory["plain"], UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Assert.That(() => ChildLauncher.Launch(new ChildLaunch(directory["plain"])), SpawnFailed("Exec format error"));
    }

    [Test]
    public void A_missing_working_directory_is_named()
    {
        Assert.That(
            () => ChildLauncher.Launch(new ChildLaunch("/bin/sh") { WorkingDirectory = "/nowhere/at/all" }),
            SpawnFailed("working directory '/nowhere/at/all'"));
    }

    [Test]
    public void Failed_launches_leave_no_descriptors_behind()
    {
        int before = Descriptors.Count();

        for (int i = 0; i < 50; i++)
        {
            Assert.That(() => ChildLauncher.Launch(new ChildLaunch("/nowhere/x")), Throws.InstanceOf<IpcException>());
        }

        Assert.That(Descriptors.Count(), Is.LessThan(before + 20));
    }

    [Test]
    public void A_bare_name_is_looked_for_in_the_given_directories_in_order()
    {
        using SocketDirectory first = new();
        using SocketDirectory second = new();
        File.WriteAllText(second["worker"], "");

        Assert.That(ProgramPath.Find("worker", [first.Path, second.Path]), Is.EqualTo(second["worker"]));
        File.WriteAllText(first["worker"], "");
        Assert.That(ProgramPath.Find("worker", [first.Path, second.Path]), Is.EqualTo(first["worker"]));
        Assert.That(
            () => ProgramPath.Find("sh", [first.Path, second.Path]), SpawnFailed($"'{first.Path}' or '{second.Path}'"));
        Assert.That(
            ProgramPath.Find("./worker", [first.Path]),
            Is.EqualTo(Path.Combine(Environment.CurrentDirectory, "worker")));
        Assert.That(() => ProgramPath.Find("", [first.Path]), Throws.ArgumentException);
    }

    [TestCase(0x0000, 0, 0)]
    [TestCase(0x0700, 7, 0)]
    [TestCase(0x0009, 0, 9)]
    [TestCase(0x008b, 0, 11)]
    public void Wait_statuses_are_read(int status, int code, int signal)
    {
        Assert.That(ChildExit.FromWaitStatus(status), Is.EqualTo(new ChildExit(code, signal)));
    }

    // The listing program opens one more for the directory it lists, which gets the lowest free number.
    private const string ListDescriptors = "exec ls /proc/self/fd >&3";

    private const string StandardOnesTheSocketAndTheListing = "0\n1\n2\n3\n4\n";

    private static (ChildProcess Process, UnixSocketTransport Transport) Shell(string script, params string[] more) =>
        ChildLauncher.Launch(new ChildLaunch("/bin/sh") { Arguments = ["-c", script, .. more] });

    private static ChildExit Exit(ChildProcess child)
    {
        Assert.That(child.Exited.Wait(Bounds.Time), Is.True, "The child was not reaped.");
        return child.Exited.Result;
    }

    private static string Read(UnixSocketTransport transport, int length)
    {
        byte[] bytes = new byte[length];
        for (int done = 0; done < length;)
        {
            int received = transport.Receive(bytes.AsSpan(done));
            Assert.That(received, Is.Positive);
            done += received;
        }

        return Encoding.UTF8.GetString(bytes);
    }

    private static string ReadAll(UnixSocketTransport transport)
    {
        using MemoryStream all = new();
        byte[] buffer = new byte[4096];
        while (transport.WaitToReceive(Bounds.Milliseconds) && transport.TryReceive(buffer) is int received and > 0)
        {
            all.Write(buffer, 0, received);
        }

        return Encoding.UTF8.GetString(all.ToArray());
    }

    private static IEnumerable<string> ThreadNames()
    {
        foreach (string task in Directory.GetDirectories("/proc/self/task"))
        {
            string name;
            try
            {
                name = File.ReadAllText(Path.Combine(task, "comm")).Trim();
            }
            catch (IOException)
            {
                continue;
            }

            yield return name;
        }
    }

    private static NUnit.Framework.Constraints.Constraint SpawnFailed(string part) => Throws.TypeOf<IpcException>()
        .With.Property(nameof(IpcException.Kind)).EqualTo(IpcErrorKind.SpawnFailed)
        .And.Message.Contains(part);

    [LibraryImport("libc", EntryPoint = "dup")]
    private static partial int Duplicate(int descriptor);
}
