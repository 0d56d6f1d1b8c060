using System.Net.Sockets;
using System.Runtime.InteropServices;
using Multiprocess.Messages;
using Multiprocess.Native;
using Multiprocess.Processes;
using Multiprocess.Transports;
using Multiprocess.Transports.Unix;

namespace Multiprocess.Tests.Transports;

[TestFixture]
internal sealed partial class InheritedSocketTests
{
    [TestCase(new string[0], null)]
    [TestCase(new[] { "-debug", "7" }, null)]
    [TestCase(new[] { "-ipcfdx", "7" }, null)]
    [TestCase(new[] { "-ipcfd", "7" }, 7)]
    [TestCase(new[] { "-debug", "-ipcfd", "12" }, 12)]
    [TestCase(new[] { "-ipcfd=3" }, 3)]
    public void The_argument_is_found(string[] arguments, int? expected)
    {
        Assert.That(InheritedSocket.FindArgument(arguments), Is.EqualTo(expected));
    }

    [TestCase(new[] { "-ipcfd" }, "missing")]
    [TestCase(new[] { "-ipcfd", "" }, "''")]
    [TestCase(new[] { "-ipcfd=" }, "''")]
    [TestCase(new[] { "-ipcfd", "-1" }, "'-1'")]
    [TestCase(new[] { "-ipcfd", "seven" }, "'seven'")]
    [TestCase(new[] { "-ipcfd", "3 " }, "'3 '")]
    [TestCase(new[] { "-ipcfd", "99999999999" }, "'99999999999'")]
    [TestCase(new[] { "-ipcfd", "3", "-ipcfd=4" }, "twice")]
    public void A_bad_value_is_said_so(string[] arguments, string reason)
    {
        Assert.That(() => InheritedSocket.FindArgument(arguments), Bad(reason));
    }

    [Test]
    public void An_inherited_end_is_opened_and_closed_on_exec()
    {
        (NativeHandle ours, NativeHandle theirs) = TransportPair.CreateSocketHandles();
        int inherited = Duplicate(theirs.Descriptor);
        theirs.Dispose();
        Assert.That(Descriptors.IsClosedOnExec(inherited), Is.False);

        using UnixSocketTransport parent = new(ours, PeerCredentials.Own(), "child");
        using UnixSocketTransport child = InheritedSocket.Open(inherited);

        Assert.That(Descriptors.IsClosedOnExec(inherited), Is.True);
        Assert.That(child.Peer.ProcessId, Is.EqualTo(Environment.ProcessId), "It is the process that made the pair.");
        _ = parent.TrySend([5], default);
        byte[] buffer = new byte[1];
        Assert.That(child.Receive(buffer), Is.EqualTo(1));
        Assert.That(buffer[0], Is.EqualTo(5));
    }

    [Test]
    public void A_parent_that_is_not_allowed_is_refused()
    {
        (NativeHandle ours, NativeHandle theirs) = TransportPair.CreateSocketHandles();
        using (ours)
        using (theirs)
        {
            Assert.That(
                () => InheritedSocket.Open(theirs.Descriptor, allows: _ => false),
                Throws.TypeOf<IpcException>().With.Property(nameof(IpcException.Kind)).EqualTo(IpcErrorKind.Refused));
            Assert.That(Descriptors.IsOpen(theirs.Descriptor), Is.True);
        }
    }

    [Test]
    public void A_number_that_is_not_open_is_said_so()
    {
        Assert.That(() => InheritedSocket.Open(9_999), Bad("descriptor 9999 is not open"));
    }

    [Test]
    public void A_file_is_not_a_socket_and_stays_open()
    {
        using FileStream file = File.OpenRead("/dev/null");
        int descriptor = (int)file.SafeFileHandle.DangerousGetHandle();

        Assert.That(() => InheritedSocket.Open(descriptor), Bad("Expected a socket"));

        Assert.That(Descriptors.IsOpen(descriptor), Is.True);
    }

    [TestCase(AddressFamily.Unix, SocketType.Dgram)]
    [TestCase(AddressFamily.InterNetwork, SocketType.Stream)]
    public void Another_kind_of_socket_is_refused_and_stays_open(AddressFamily family, SocketType type)
    {
        using Socket socket = new(family, type, ProtocolType.Unspecified);
        int descriptor = (int)socket.Handle;

        Assert.That(() => InheritedSocket.Open(descriptor), Bad("Expected a Unix stream socket"));

        Assert.That(Descriptors.IsOpen(descriptor), Is.True);
    }

    [LibraryImport("libc", EntryPoint = "dup")]
    private static partial int Duplicate(int descriptor);

    private static NUnit.Framework.Constraints.Constraint Bad(string reason) => Throws.TypeOf<IpcException>()
        .With.Property(nameof(IpcException.Kind)).EqualTo(IpcErrorKind.SpawnFailed)
        .And.Message.Contains("-ipcfd").And.Message.Contains(reason);
}
