// The login page after signing out: drafts and pages of whoever was here before are gone; what was logged and not sent
// yet stays for its own sender. A session that merely ran out comes with ?next= and keeps all.
if (!new URLSearchParams(location.search).has('next')) {
  try {
    for (const name of Object.keys(localStorage)) if (name.startsWith('draft:')) localStorage.removeItem(name);
  } catch { /* storage forbidden: nothing was kept */ }
  self.caches?.delete('pages');
}
