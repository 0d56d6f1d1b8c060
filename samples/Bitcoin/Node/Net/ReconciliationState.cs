namespace Bitcoin.Node.Net;

/// <summary>How far a peer and this node have come to reconcile announcements.</summary>
internal enum ReconciliationState
{
    None,
    Offered,
    Agreed,
}
