namespace Multiprocess.Tests.Threads.Model;

/// <summary>A mistake built into the model, to see that the explorer finds it.</summary>
public enum Mutation
{
    None,

    /// <summary>Whoever frees the role does not wake a stand-by that sleeps.</summary>
    StandByIsNotWoken,

    /// <summary>The stand-by goes to sleep without looking whether the role is free.</summary>
    StandBySleepsBesideFreeRole,

    /// <summary>A thread looks into its mailbox in one hold of the gate and lists itself in the next.</summary>
    LookOutsideGate,

    /// <summary>
    /// The role is free before what came with the Hello was handed out: the first caller receives before it looks into
    /// the buffer.
    /// </summary>
    ReceiveBeforeBuffered,

    /// <summary>The holder hands out one frame for each time that it receives.</summary>
    OnlyOneFrameHandedOut,

    /// <summary>A wake-up before the sleep is lost.</summary>
    NoPermits,

    /// <summary>A posted message leaves its thread among those that could be given the role.</summary>
    FrameAndRoleToOne,

    /// <summary>The role is given to a listed thread without looking whether it still waits.</summary>
    RoleToWhoHasLeft,

    /// <summary>A holder leaves with its message and keeps the role.</summary>
    RoleTakenAlong,

    /// <summary>A thread whose wait can be interrupted blocks in the transport.</summary>
    InterruptibleBlocks,

    /// <summary>
    /// A thread whose wait can be interrupted frees the role without asking the stand-by to poll or waking it.
    /// </summary>
    NobodyReadsForInterruptible,

    /// <summary>Closing does not wake those that wait.</summary>
    CloseWakesNobody,

    /// <summary>An interrupt is noted, but the thread is not woken.</summary>
    InterruptWakesNobody,

    /// <summary>The role is given to a thread that is not woken for it.</summary>
    RoleWithoutWakeUp,

    /// <summary>A thread blocks in the socket without looking into the ring after it has set the sign.</summary>
    RingIsNotLookedInto,

    /// <summary>The reader of the ring does not set the sign again for threads that wait in the socket.</summary>
    RingIsNotArmed,

    /// <summary>The holder leaves bytes in the ring that no waiting thread is told of.</summary>
    RingForgetsUnseen,

    /// <summary>The first thread that ends its wait clears the sign of all.</summary>
    RingSignIsClearedForAll,

    /// <summary>The peer looks at the sign before it writes.</summary>
    RingPeerLooksBeforeItWrites,
}
