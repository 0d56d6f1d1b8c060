namespace Multiprocess.CapnProto.Contracts;

/// <summary>A stub of any contract.</summary>
internal interface IStub
{
    object TargetObject { get; }
}
