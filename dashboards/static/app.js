// app.js - comfort only: every page works without it.
(function () {
  'use strict';
  var root = document.documentElement, button = document.querySelector('[data-theme-toggle]');

  function isDark() {
    return root.dataset.theme ? root.dataset.theme === 'dark'
                              : matchMedia('(prefers-color-scheme: dark)').matches;
  }
  function show() {
    button.setAttribute('aria-pressed', String(isDark()));
  }
  if (!button) return;
  button.hidden = false;
  show();
  button.addEventListener('click', function () {
    root.dataset.theme = isDark() ? 'light' : 'dark';
    document.cookie = 'theme=' + root.dataset.theme + ';path=/;max-age=31536000;samesite=lax';
    show();
  });
})();
