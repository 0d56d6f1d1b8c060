using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Multiprocess.Native;

/// <summary>Duplicates descriptors; sends and receives bytes together with descriptors over a Unix socket.</summary>
internal static unsafe partial class NativeDescriptors
{
    /// <summary>Most descriptors that the kernel accepts at once.</summary>
    public const int Most = 253;

    private const int RightsMessage = 1;
    private const int CloseDescriptorOnExec = 0x4000_0000;
    private const int ControlWasCut = 8;
    private const int DuplicateCloseOnExec = 1030;
    private const int GetFlags = 3;
    private const int AccessMask = 3;
    private const int OpenedForReading = 0;
    private const int HeaderBytes = 16;

    /// <summary>Duplicates a descriptor. The duplicate is closed on exec.</summary>
    /// <returns>The duplicate, or -1.</returns>
    public static int Duplicate(int descriptor) => NativeFiles.Control(descriptor, DuplicateCloseOnExec, 0);

    /// <summary>Whether a descriptor was opened for reading only.</summary>
    public static bool IsReadOnly(int descriptor)
        => (NativeFiles.Control(descriptor, GetFlags, 0) & AccessMask) == OpenedForReading;

    /// <summary>
    /// Sends bytes with descriptors, without waiting. The descriptors go with the first byte, and only if at least one
    /// byte is sent.
    /// </summary>
    /// <returns>As the C library's <c>sendmsg</c>.</returns>
    public static nint Send(NativeHandle socket, byte* bytes, int length, ReadOnlySpan<NativeHandle> descriptors)
    {
        NativeSockets.Piece piece = new() { Start = bytes, Length = (nuint)length };
        int controlBytes = HeaderBytes + (descriptors.Length * sizeof(int));
        long* control = stackalloc long[(controlBytes + sizeof(long) - 1) / sizeof(long)];
        var header = (ControlHeader*)control;
        header->Length = (nuint)controlBytes;
        header->Level = NativeSockets.SocketLevel;
        header->Type = RightsMessage;
        int* numbers = (int*)((byte*)control + HeaderBytes);
        for (int i = 0; i < descriptors.Length; i++)
        {
            numbers[i] = descriptors[i].Descriptor;
        }

        NativeSockets.MessageHeader message = new()
        {
            Pieces = &piece,
            PieceCount = 1,
            Control = control,
            ControlLength = (nuint)controlBytes,
        };
        return NativeSockets.SendMessage(socket, &message, NativeSockets.DoNotWait | NativeSockets.NoSignal);
    }

    /// <summary>Receives bytes and descriptors, which are closed on exec.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="buffer">Receives the bytes.</param>
    /// <param name="length">Most bytes to receive.</param>
    /// <param name="flags">As for the C library's <c>recvmsg</c>.</param>
    /// <param name="most">
    /// Most descriptors to receive, 1 to <see cref="Most"/>. The kernel closes the rest.
    /// </param>
    /// <param name="descriptors">The descriptors; null when none arrived and none was lost.</param>
    /// <param name="isComplete">False when descriptors were lost.</param>
    /// <returns>As the C library's <c>recvmsg</c>.</returns>
    [SkipLocalsInit]
    public static nint Receive(
        NativeHandle socket,
        byte* buffer,
        int length,
        int flags,
        int most,
        out NativeHandle[]? descriptors,
        out bool isComplete)
    {
        NativeSockets.Piece piece = new() { Start = buffer, Length = (nuint)length };
        long* control = stackalloc long[((HeaderBytes + (Most * sizeof(int))) / sizeof(long)) + 1];
        NativeSockets.MessageHeader message = new()
        {
            Pieces = &piece,
            PieceCount = 1,
            Control = control,

            // Without padding: the kernel would use the padding to store one more descriptor.
            ControlLength = (nuint)(HeaderBytes + (most * sizeof(int))),
        };
        nint received = ReceiveMessage(socket, &message, flags | CloseDescriptorOnExec);
        descriptors = null;
        isComplete = true;
        if (received < 0)
        {
            return received;
        }

        var header = (ControlHeader*)control;
        if (message.ControlLength > HeaderBytes
            && header->Level == NativeSockets.SocketLevel
            && header->Type == RightsMessage)
        {
            int* numbers = (int*)((byte*)control + HeaderBytes);
            descriptors = new NativeHandle[((int)header->Length - HeaderBytes) / sizeof(int)];
            for (int i = 0; i < descriptors.Length; i++)
            {
                descriptors[i] = new NativeHandle(numbers[i]);
            }
        }

        if ((message.Flags & ControlWasCut) != 0)
        {
            isComplete = false;
            descriptors ??= [];
        }

        return received;
    }

    [LibraryImport("libc", EntryPoint = "recvmsg", SetLastError = true)]
    private static partial nint ReceiveMessage(NativeHandle socket, NativeSockets.MessageHeader* message, int flags);

    /// <summary>The C library's <c>cmsghdr</c>, which descriptors follow.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct ControlHeader
    {
        public nuint Length;
        public int Level;
        public int Type;
    }
}
