using System.Runtime.InteropServices;

namespace Multiprocess.Native;

/// <summary>Sends and receives bytes together with one descriptor, over a Unix socket.</summary>
internal static unsafe partial class NativeDescriptors
{
    private const int RightsMessage = 1;
    private const int CloseDescriptorOnExec = 0x4000_0000;

    /// <summary>
    /// Sends bytes with a descriptor, without waiting. The descriptor goes with the first byte, and only if at least
    /// one byte is sent.
    /// </summary>
    /// <returns>As the C library's <c>sendmsg</c>.</returns>
    public static nint Send(NativeHandle socket, byte* bytes, int length, NativeHandle descriptor)
    {
        NativeSockets.Piece piece = new() { Start = bytes, Length = (nuint)length };
        ControlMessage control = new()
        {
            Length = (nuint)ControlMessage.UsedBytes,
            Level = NativeSockets.SocketLevel,
            Type = RightsMessage,
            Descriptor = descriptor.Descriptor,
        };
        NativeSockets.MessageHeader message = new()
        {
            Pieces = &piece,
            PieceCount = 1,
            Control = &control,
            ControlLength = (nuint)sizeof(ControlMessage),
        };
        return NativeSockets.SendMessage(socket, &message, NativeSockets.DoNotWait | NativeSockets.NoSignal);
    }

    /// <summary>Receives bytes and at most one descriptor, which is closed on exec.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="buffer">Takes the bytes.</param>
    /// <param name="length">Most bytes to receive.</param>
    /// <param name="flags">As for the C library's <c>recvmsg</c>.</param>
    /// <param name="descriptor">The descriptor, or -1. The kernel closes all others that came with it.</param>
    /// <returns>As the C library's <c>recvmsg</c>.</returns>
    public static nint Receive(NativeHandle socket, byte* buffer, int length, int flags, out int descriptor)
    {
        NativeSockets.Piece piece = new() { Start = buffer, Length = (nuint)length };
        ControlMessage control = default;
        NativeSockets.MessageHeader message = new()
        {
            Pieces = &piece,
            PieceCount = 1,
            Control = &control,

            // Without the padding: in it the kernel would store a second descriptor.
            ControlLength = (nuint)ControlMessage.UsedBytes,
        };
        nint received = ReceiveMessage(socket, &message, flags | CloseDescriptorOnExec);
        bool hasDescriptor = received >= 0
            && message.ControlLength >= (nuint)ControlMessage.UsedBytes
            && control.Level == NativeSockets.SocketLevel
            && control.Type == RightsMessage;
        descriptor = hasDescriptor ? control.Descriptor : -1;
        return received;
    }

    [LibraryImport("libc", EntryPoint = "recvmsg", SetLastError = true)]
    private static partial nint ReceiveMessage(NativeHandle socket, NativeSockets.MessageHeader* message, int flags);

    /// <summary>The C library's <c>cmsghdr</c> with one descriptor.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct ControlMessage
    {
        public nuint Length;
        public int Level;
        public int Type;
        public int Descriptor;
        public int Padding;

        public static int UsedBytes => sizeof(ControlMessage) - sizeof(int);
    }
}
