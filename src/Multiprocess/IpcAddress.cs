namespace Multiprocess; 
/// <summary>x</summary>
public readonly struct IpcAddress { }
