using System.IO.Pipelines;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Multiprocess.Connections;
using Multiprocess.Generated;
using Multiprocess.Messages;
using Multiprocess.Native;
using Multiprocess.Objects;
using Multiprocess.Protocols;
using Multiprocess.Tests.Support;
using Multiprocess.Tests.Transports;
using Multiprocess.Transports;
using Multiprocess.Transports.Rings;
using Multiprocess.Transports.Unix;
using Nerdbank.Streams;

namespace Multiprocess.Tests.Calls;

/// <summary>Descriptors: what bounds them, who closes them, and what a peer cannot do with them.</summary>
[Platform("Linux")]
[NonParallelizable]
internal sealed class DescriptorPassingTests(IpcTestTransport transport) : PairFixture(transport)
{
    private int _before;

    [SetUp]
    public void CountBefore()
    {
        // The first connection makes what every process keeps.
        using (IpcTestPair.Create<IFiles>(new Files(), new IpcTestPairOptions { Transport = Transport }))
        {
        }

        GC.Collect();
        GC.WaitForPendingFinalizers();
        _before = Descriptors.CountWithoutPrograms();
    }

    [TearDown]
    public void CountAfter()
    {
        EndPairs();
        Patience.Until(() => Descriptors.CountWithoutPrograms() <= _before, "all descriptors closed");
    }

    [Test]
    public void The_receiver_owns_a_duplicate_that_is_closed_on_exec()
    {
        using SafeFileHandle mine = Make("content");
        var files = new Files();
        IpcTestPair<IFiles> pair = Serve<IFiles>(files);

        Assert.That(pair.Root.Read(mine), Is.EqualTo("content"));

        Assert.That(files.Seen, Is.Not.EqualTo((int)mine.DangerousGetHandle()));
        Assert.That(files.WasClosedOnExec, Is.True);
        Assert.That(mine.IsClosed, Is.False);
        Assert.That(Descriptors.IsOpen(files.Seen), Is.False, "the method has disposed it");
    }

    [Test]
    public void A_root_without_descriptors_brings_an_object_with_some()
    {
        using SafeFileHandle mine = Make("content");
        IpcTestPair<IFileShop> pair = Serve<IFileShop>(new FileShop());

        Assert.That(pair.Root.Enter().Read(mine), Is.EqualTo("content"));
    }

    [Test]
    public void As_many_as_the_limit_cross_and_one_more_is_refused_before_anything_is_sent()
    {
        var files = new Files();
        IpcTestPair<IFiles> pair = Serve<IFiles>(
            files, server: new IpcConnectionOptions { Limits = new IpcLimits { MaxDescriptors = 3 } });
        SafeFileHandle[] four = [Make("1"), Make("2"), Make("3"), Make("4")];

        Assert.That(pair.Root.Count(four[..3]), Is.EqualTo(3));
        IpcException? caught = Assert.Throws<IpcException>(() => pair.Root.Count(four));

        Assert.That(caught!.Kind, Is.EqualTo(IpcErrorKind.LimitExceeded));
        Assert.That(caught.Message, Does.Contain("more than 3 descriptors"));
        Assert.That(files.Calls, Is.EqualTo(1));
        Array.ForEach(four, file => file.Dispose());
    }

    [Test]
    public void Results_over_the_callers_limit_are_an_error_of_the_call()
    {
        IpcTestPair<IFiles> pair = Serve<IFiles>(
            new Files(), client: new IpcConnectionOptions { Limits = new IpcLimits { MaxDescriptors = 2 } });

        IpcException? caught = Assert.Throws<IpcException>(() => pair.Root.Open(3));
        SafeFileHandle[] two = pair.Root.Open(2);

        Assert.That(caught!.Kind, Is.EqualTo(IpcErrorKind.LimitExceeded));
        Assert.That(two, Has.Length.EqualTo(2));
        Array.ForEach(two, file => file.Dispose());
    }

    [Test]
    public void The_most_that_the_system_takes_cross_at_once()
    {
        var options = new IpcConnectionOptions { Limits = new IpcLimits { MaxDescriptors = 253 } };
        IpcTestPair<IFiles> pair = Serve<IFiles>(new Files(), options, options);

        SafeFileHandle[] all = pair.Root.Open(253);

        Assert.That(all.Select(Text), Is.EqualTo(Enumerable.Range(0, 253).Select(i => $"file {i}")));
        Assert.That(pair.Root.Count(all), Is.EqualTo(253));
        Array.ForEach(all, file => file.Dispose());
    }

    [Test]
    public void With_a_limit_of_none_the_sender_gets_a_typed_error()
    {
        IpcTestPair<IFiles> pair = Serve<IFiles>(
            new Files(), server: new IpcConnectionOptions { Limits = new IpcLimits { MaxDescriptors = 0 } });
        using SafeFileHandle mine = Make("content");

        IpcException? caught = Assert.Throws<IpcException>(() => pair.Root.Read(mine));

        Assert.That(caught!.Kind, Is.EqualTo(IpcErrorKind.ArgumentNotEncoded));
        Assert.That(caught.InnerException, Is.TypeOf<NotSupportedException>());
        Assert.That(pair.Root.Count([]), Is.Zero, "the connection goes on");
    }

    [Test]
    public void More_waiting_than_allowed_are_closed_and_their_call_is_refused()
    {
        var files = new Files();
        IpcTestPair<IFiles> pair = Serve<IFiles>(
            files, server: new IpcConnectionOptions { Limits = new IpcLimits { MaxWaitingDescriptors = 2 } });
        using SafeFileHandle mine = Make("content");
        using var hold = new ManualResetEventSlim();
        var entered = new TaskCompletionSource();
        TestThread<bool> holder = TestThread.Start(() => pair.Root.Hold(() =>
        {
            // One-way calls of this thread wait behind this call, and so do their descriptors.
            entered.SetResult();
            hold.Wait(Patience.Bound);
        }));
        Assert.That(entered.Task.Wait(Patience.Bound), Is.True);

        Assert.That(() => pair.Root.Count([mine, mine, mine]), Throws.TypeOf<IpcException>()
            .With.Property(nameof(IpcException.Kind)).EqualTo(IpcErrorKind.LimitExceeded)
            .And.Message.Contains("limit is 2"));
        Assert.That(pair.Root.Count([mine, mine]), Is.EqualTo(2), "the connection goes on");
        hold.Set();
        holder.Join();
    }

    [Test]
    public void Those_of_a_value_that_cannot_be_encoded_are_closed()
    {
        IpcTestPair<IFiles> pair = Serve<IFiles>(new Files());
        using SafeFileHandle mine = Make("content");

        Assert.That(
            () => pair.Root.Weigh(new BrokenParcel { File = mine }),
            Throws.TypeOf<IpcException>().With.Property(nameof(IpcException.Kind)).EqualTo(
                IpcErrorKind.ArgumentNotEncoded));
        Assert.That(
            () => pair.Root.OpenBroken(),
            Throws.TypeOf<IpcException>().With.Property(nameof(IpcException.Kind)).EqualTo(
                IpcErrorKind.ResultNotEncoded));

        Patience.Until(
            () => Descriptors.CountWithoutPrograms() <= _before + 1 + OpenedByPair, "the duplicates are closed");
    }

    [Test]
    public void Those_of_a_refused_call_are_closed()
    {
        IpcTestPair<IFiles> pair = Serve<IFiles>(new Files());
        using SafeFileHandle mine = Make("content");
        int there = Descriptors.CountWithoutPrograms();

        Assert.That(
            () => pair.Root.Choose(mine, (DayOfWeek)99),
            Throws.TypeOf<IpcException>().With.Property(nameof(IpcException.Kind)).EqualTo(
                IpcErrorKind.ArgumentNotDecoded).Or.Property(nameof(IpcException.Kind)).EqualTo(
                IpcErrorKind.ArgumentNotEncoded));

        // The file was read before the refused argument, and is closed although no method got it.
        Patience.Until(() => Descriptors.CountWithoutPrograms() <= there, "the arguments are closed");
    }

    [Test]
    public async Task Asynchronous_and_one_way_calls_bring_them_after_the_caller_has_disposed_its_own()
    {
        var files = new Files();
        IpcTestPair<IFiles> pair = Serve<IFiles>(files);
        Task<string> read;
        using (SafeFileHandle mine = Make("asynchronous"))
        {
            read = pair.Root.ReadAsync(mine);
        }

        using (SafeFileHandle mine = Make("noted"))
        {
            pair.Root.Note(mine);
        }

        Assert.That(await read.WaitAsync(Patience.Bound), Is.EqualTo("asynchronous"));
        Patience.Until(() => files.Noted == "noted", "the one-way call");
    }

    [Test]
    public void Those_that_wait_are_closed_when_the_connection_ends()
    {
        IpcTestPair<IFiles> pair = Serve<IFiles>(new Files());
        var entered = new TaskCompletionSource();
        using var hold = new ManualResetEventSlim();
        int there = 0;
        TestThread<bool> holder = TestThread.Start(() =>
        {
            try
            {
                pair.Root.Hold(() =>
                {
                    // The callback runs inside the call, so what is sent here waits behind it on the other side.
                    using SafeFileHandle mine = Make("content");
                    for (int i = 0; i < 5; i++)
                    {
                        _ = pair.Root.ReadAsync(mine, new CancellationToken(canceled: true)).IsCanceled;
                    }

                    entered.SetResult();
                    hold.Wait(Patience.Bound);
                });
            }
            catch (IpcDisconnectedException)
            {
                there++;
            }
        });
        Assert.That(entered.Task.Wait(Patience.Bound), Is.True);

        pair.Client.Dispose();
        hold.Set();
        holder.Join();

        Assert.That(there, Is.EqualTo(1));
    }

    [Test]
    public void Many_cross_among_other_calls_of_several_threads()
    {
        IpcTestPair<IFiles> pair = Serve<IFiles>(new Files());
        TestThread<bool>[] threads =
        [
            .. Enumerable.Range(0, 4).Select(number => TestThread.Start(() =>
            {
                for (int i = 0; i < 100; i++)
                {
                    using SafeFileHandle mine = Make($"{number} {i}");
                    Assert.That(pair.Root.Read(mine), Is.EqualTo($"{number} {i}"));
                    Assert.That(pair.Root.Count([mine, mine, mine]), Is.EqualTo(3));
                    SafeFileHandle[] opened = pair.Root.Open(i % 5);
                    Assert.That(opened.Select(Text), Is.EqualTo(Enumerable.Range(0, i % 5).Select(k => $"file {k}")));
                    Array.ForEach(opened, file => file.Dispose());
                }
            })),
        ];

        Array.ForEach(threads, thread => thread.Join());
    }

    private static int OpenedByPair => 2;

    private static SafeFileHandle Make(string content)
    {
        string path = Path.GetTempFileName();
        File.WriteAllText(path, content);
        SafeFileHandle file = File.OpenHandle(path);
        File.Delete(path);
        return file;
    }

    private static string Text(SafeFileHandle file)
    {
        byte[] bytes = new byte[100];
        return Encoding.UTF8.GetString(bytes, 0, RandomAccess.Read(file, bytes, 0));
    }

    private sealed class FileShop : IFileShop
    {
        public IFiles Enter() => new Files();
    }

    private sealed class Files : IFiles
    {
        public int Seen { get; private set; }

        public bool WasClosedOnExec { get; private set; }

        public int Calls { get; private set; }

        public string? Noted { get; private set; }

        public string Read(SafeFileHandle file)
        {
            using (file)
            {
                Seen = (int)file.DangerousGetHandle();
                WasClosedOnExec = Descriptors.IsClosedOnExec(Seen);
                return Text(file);
            }
        }

        public int Count(SafeFileHandle[] files)
        {
            Calls++;
            Array.ForEach(files, file => file.Dispose());
            return files.Length;
        }

        public SafeFileHandle[] Open(int count)
        {
            SafeFileHandle[] opened = [.. Enumerable.Range(0, count).Select(i => Make($"file {i}"))];

            // The peer gets duplicates; nothing here needs these after the answer.
            IpcCall.Current!.DisposeAfterAnswer(opened);
            return opened;
        }

        public BrokenParcel OpenBroken()
        {
            SafeFileHandle file = Make("broken");
            IpcCall.Current!.DisposeAfterAnswer(file);
            return new BrokenParcel { File = file };
        }

        public int Weigh(BrokenParcel parcel) => 0;

        public int Choose(SafeFileHandle file, DayOfWeek day)
        {
            file.Dispose();
            return (int)day;
        }

        public void Hold(Action entered) => entered();

        public async Task<string> ReadAsync(SafeFileHandle file, CancellationToken cancellationToken)
        {
            await Task.Yield();
            return Read(file);
        }

        public void Note(SafeFileHandle file) => Noted = Read(file);

        public int Later(SafeFileHandle file)
        {
            file.Dispose();
            return 1;
        }
    }
}
